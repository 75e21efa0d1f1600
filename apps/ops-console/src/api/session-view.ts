import type { Session } from '@ms1/ledger';
import { z } from 'zod';

import type { SessionRate } from '../sessions/session-rates.ts';
import { rfc3339 } from './rfc3339.ts';
import { Counts } from './state-counts.ts';

const Count = z.int().min(0);

/** A session as the API gives it. */
export const SessionView = z
  .object({
    id: z.string(),
    name: z.string(),
    mailboxes: z.array(z.string()),
    from: z.string().nullable(),
    to: z.string().nullable(),
    status: z.enum(['open', 'closing', 'finished', 'incomplete', 'cancelled']),
    paused: z.boolean(),
    createdAt: z.string(),
    closedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
    counts: Counts,
    reasons: z
      .record(z.string(), Count)
      .meta({ description: 'by `skipped:<why>` and `dead:<why>`' }),
    found: Count,
    requeued: Count,
    missing: Count.meta({ description: 'counted by Graph in its window and not listed' }),
    scans: z.object({ done: Count, total: Count }),
    rate: z.object({
      perSecond: z.number(),
      etaSeconds: z.number().nullable(),
      limitedBy: z.enum(['graph', 'pipeline']).nullable(),
    }),
  })
  .meta({ id: 'Session' });
export type SessionView = z.infer<typeof SessionView>;

export function viewSession(session: Session, rate: SessionRate): SessionView {
  return {
    ...session,
    rate,
    createdAt: rfc3339(session.createdAt),
    closedAt: rfc3339(session.closedAt),
    finishedAt: rfc3339(session.finishedAt),
  };
}
