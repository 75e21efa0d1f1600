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

/** A mailbox whose messages are read one by one, because Graph does not give their attachments by the page. */
interface ReadSingly {
  /** how it did not: a word of the reader's */
  reason: string;
  /** ms since the epoch: by the page again then */
  until: number;
}

export interface MailboxState {
  held: MailboxHold | null;
  singly: ReadSingly | null;
}

/**     KEYS  state     ARGV  reason, ms */
const NOTE_LUA = `
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'e', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], 'er', ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
`;

/** Tells operators that a mailbox is read message by message for so many ms. Whoever reads it knows by himself. */
export async function noteReadSingly(
  redis: Redis,
  { mailboxId, reason, ms }: { mailboxId: string; reason: string; ms: number },
  { prefix = DEFAULT_KEY_PREFIX }: { prefix?: string } = {},
): Promise<void> {
  await redis.eval(NOTE_LUA, 1, graphStateKey(prefix, mailboxId), reason, ms);
}

/**     KEYS  states     2 us each: 5,000 mailboxes keep Redis for 10 ms */
const READ_LUA = `
local states = {}
for i, key in ipairs(KEYS) do states[i] = redis.call('HMGET', key, 'h', 'hs', 'p', 'e', 'er') end
return { redis.call('TIME'), states }
`;

/** The state of each of these mailboxes, in their order. One command for any number. */
export async function readMailboxStates(
  redis: Redis,
  mailboxIds: readonly string[],
  { prefix = DEFAULT_KEY_PREFIX }: { prefix?: string } = {},
): Promise<MailboxState[]> {
  if (mailboxIds.length === 0) return [];
  const keys = mailboxIds.map((id) => graphStateKey(prefix, id));
  const [time, states] = (await redis.eval(READ_LUA, keys.length, ...keys)) as [
    time: string[],
    states: (string | null)[][],
  ];
  const now = Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000);
  return states.map(([heldUntil, since, probe, singlyUntil, reason]) => {
    const until = Number(heldUntil ?? 0);
    // One that a process of the release before began does not say since when.
    const from = Number(since ?? now);
    const held = {
      reason: probe === '1' ? 'unavailable' : 'throttled',
      since: from,
      until,
    } as const;
    const singly = { reason: reason ?? '', until: Number(singlyUntil ?? 0) };
    return { held: until > now ? held : null, singly: singly.until > now ? singly : null };
  });
}
