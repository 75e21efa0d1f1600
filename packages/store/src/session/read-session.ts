import { z } from 'zod';

import { stateCounts } from '../ledger/state-counts.ts';
import { unpackScans } from './folder-scan.ts';
import type { Session } from './session.ts';

const optionalText = z.string().transform((text) => (text === '' ? null : text));
const optionalTime = z.coerce.number().nullable().default(null);

const StoredSession = z.object({
  name: z.string(),
  mailboxes: z.string().transform((json) => z.array(z.string()).parse(JSON.parse(json))),
  from: optionalText,
  to: optionalText,
  status: z.enum(['open', 'closing', 'finished', 'cancelled']),
  createdAt: z.coerce.number(),
  closedAt: optionalTime,
  finishedAt: optionalTime,
});

/** Puts a session together from its three hashes; null when the first is empty. */
export function readSession(
  id: string,
  stored: Readonly<Record<string, string>>,
  counters: Readonly<Record<string, string>>,
  scanned: Readonly<Record<string, string>>,
): Session | null {
  if (stored['status'] === undefined) return null;
  const counts = stateCounts(counters);
  const scans = unpackScans(Object.values(scanned));
  const attributed = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    id,
    ...StoredSession.parse(stored),
    counts,
    found: Math.max(attributed, sumOf(scans, 'found')),
    requeued: sumOf(scans, 'requeued'),
    scans: {
      done: scans.filter(({ found }) => found !== undefined).length,
      total: scans.length,
    },
  };
}

function sumOf(
  scans: readonly { found?: number | undefined; requeued?: number | undefined }[],
  field: 'found' | 'requeued',
): number {
  return scans.reduce((sum, scan) => sum + (scan[field] ?? 0), 0);
}
