import { z } from 'zod';

import { stateCounts } from '../ledger/state-counts.ts';
import { type FolderScan, unpackScans } from './folder-scan.ts';
import type { Session } from './session.ts';

const optionalText = z.string().transform((text) => (text === '' ? null : text));
const optionalTime = z.coerce.number().nullable().default(null);

const StoredSession = z.object({
  name: z.string(),
  mailboxes: z.string().transform((json) => z.array(z.string()).parse(JSON.parse(json))),
  from: optionalText,
  to: optionalText,
  paused: z
    .string()
    .default('')
    .transform((flag) => flag !== ''),
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
  const missing = scans.reduce((sum, scan) => sum + (scan.missing ?? 0), 0);
  const session = StoredSession.parse(stored);
  return {
    id,
    ...session,
    // Kept as `finished`, which the versions before know too.
    status: session.status === 'finished' && missing > 0 ? 'incomplete' : session.status,
    missing,
    counts,
    reasons: reasonsOf(counters),
    found: Math.max(attributed, listedOf(scans)),
    requeued: scans.reduce((sum, { requeued }) => sum + (requeued ?? 0), 0),
    scans: {
      done: scans.filter(({ found }) => found !== undefined).length,
      total: scans.length,
    },
  };
}

/** Messages that the scans have seen, also those that are still at it. */
function listedOf(scans: readonly FolderScan[]): number {
  return scans.reduce((sum, { found, seen }) => sum + (found ?? seen ?? 0), 0);
}

const REASONED = { s: 'skipped', x: 'dead' } as const;

function reasonsOf(counters: Readonly<Record<string, string>>): Record<string, number> {
  const reasons = Object.entries(counters).flatMap(([field, count]) => {
    const [, letter, reason] = /^([sx]):(.+)$/.exec(field) ?? [];
    if (letter !== 's' && letter !== 'x') return [];
    return Number(count) > 0 ? [[`${REASONED[letter]}:${reason}`, Number(count)] as const] : [];
  });
  return Object.fromEntries(reasons);
}
