import { DEFAULT_KEY_PREFIX, hashedId } from '@ms1/contracts';
import { type Redis, storeKey } from '@ms1/redis';

/** A mailbox that no process calls for a while. Times are ms since the epoch, of Redis's clock. */
export interface MailboxHold {
  /** throttled: Graph said to wait. unavailable: it moves, or its store is down; a single call goes first */
  reason: 'throttled' | 'unavailable';
  /** when this row of holds began */
  since: number;
  until: number;
}

/** What is known of each mailbox's requests: {@link EXCHANGE_PERMITS_LUA} says what is in it. */
export function graphStateKey(prefix: string, mailboxId: string): string {
  return storeKey(prefix, 'graph', 'mailbox', hashedId(mailboxId.toLowerCase()));
}

/**     KEYS  states     2 us each: 5,000 mailboxes keep Redis for 10 ms */
const READ_LUA = `
local states = {}
for i, key in ipairs(KEYS) do states[i] = redis.call('HMGET', key, 'h', 'hs', 'p') end
return { redis.call('TIME'), states }
`;

/** The hold of each of these mailboxes, in their order; null without one. One command for any number. */
export async function readHolds(
  redis: Redis,
  mailboxIds: readonly string[],
  { prefix = DEFAULT_KEY_PREFIX }: { prefix?: string } = {},
): Promise<(MailboxHold | null)[]> {
  if (mailboxIds.length === 0) return [];
  const keys = mailboxIds.map((id) => graphStateKey(prefix, id));
  const [time, states] = (await redis.eval(READ_LUA, keys.length, ...keys)) as [
    time: string[],
    states: (string | null)[][],
  ];
  const now = Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000);
  return states.map(([heldUntil, since, probe]) => {
    const until = Number(heldUntil ?? 0);
    if (until <= now) return null;
    // One that a process of the release before began does not say since when.
    return {
      reason: probe === '1' ? 'unavailable' : 'throttled',
      since: Number(since ?? now),
      until,
    };
  });
}
