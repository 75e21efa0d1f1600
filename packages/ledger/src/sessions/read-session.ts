import type { Redis } from '@ms1/redis';
import { z } from 'zod';

import { stateCounts } from '../state-counts.ts';
import { type ScanSums, unpackSums } from './folder-scan.ts';
import type { Session } from './session.ts';

const optionalText = z.string().transform((text) => (text === '' ? null : text));
const optionalTime = z.coerce.number().nullable().default(null);

const StoredSession = z.object({
  name: z.string(),
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
  sums: z
    .string()
    .optional()
    .transform((text) => (text === undefined ? null : unpackSums(text))),
});
export type StoredSession = z.infer<typeof StoredSession>;

/** What is read of a session's hash, but for its mailboxes: those never change, and may be thousands. */
const FIELDS = StoredSession.keyof().options;

/** Its hash; null when it is empty. */
export async function readStored(redis: Redis, key: string): Promise<StoredSession | null> {
  const values = await redis.hmget(key, ...FIELDS);
  const stored = FIELDS.flatMap((field, index) => {
    const value = values[index] ?? null;
    return value === null ? [] : [[field, value] as const];
  });
  return stored.length === 0 ? null : StoredSession.parse(Object.fromEntries(stored));
}

export async function readMailboxes(redis: Redis, key: string): Promise<string[]> {
  const json = await redis.hget(key, 'mailboxes');
  return json === null ? [] : z.array(z.string()).parse(JSON.parse(json));
}

/** Whether the sums can be taken for what its scans come to; a process of before they were kept has not. */
export function hasSums({ status, sums }: StoredSession): boolean {
  if (status === 'open') return true;
  return sums !== null && (sums.isFinal || status !== 'finished');
}

/** Puts a session together. */
export function toSession(
  id: string,
  stored: StoredSession,
  mailboxes: string[],
  counters: Readonly<Record<string, string>>,
  { folders, done, listed, missing, requeued }: ScanSums,
): Session {
  const { sums: _, ...session } = stored;
  const counts = stateCounts(counters);
  const attributed = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    id,
    ...session,
    mailboxes,
    // Kept as `finished`, which the versions before know too.
    status: session.status === 'finished' && missing > 0 ? 'incomplete' : session.status,
    missing,
    counts,
    reasons: reasonsOf(counters),
    found: Math.max(attributed, listed),
    requeued,
    scans: { done, total: folders },
  };
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
