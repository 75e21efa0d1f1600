import { z } from 'zod';

/** The part of a list that is asked for. */
export const Page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  offset: z.coerce.number().int().min(0).default(0),
});

export const Moment = z.iso.datetime({ offset: true });
