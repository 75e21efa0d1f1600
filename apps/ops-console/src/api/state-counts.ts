import { z } from 'zod';

const Count = z.int().min(0);

/** How many messages stand where. */
export const Counts = z
  .object({ queued: Count, prepared: Count, delivered: Count, skipped: Count, dead: Count })
  .meta({ id: 'StateCounts' });
