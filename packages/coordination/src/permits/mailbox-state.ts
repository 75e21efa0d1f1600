import { DEFAULT_KEY_PREFIX, mailboxPrefix } from '@ms1/contracts';
import type { Redis } from '@ms1/redis';

import { mailboxHash, stateKey } from './mailbox-keys.ts';

/** A mailbox that no process calls for a while. Times are ms since the epoch, of Redis's clock. */
export interface MailboxHold {
  /** throttled: Graph said to wait. unavailable: it moves, or its store is down; a single call goes first */
  reason: 'throttled' | 'unavailable';
  /** when this row of holds began */
  since: number;
  until: number;
}

/** Where what is known of mailboxes is kept. */
export interface MailboxStateOptions {
  prefix?: string;
  /** hash tags that mailboxes are spread over, as REDIS_SHARDS; default 1: all under the prefix itself */
  shards?: number;
}

/** What is known of each mailbox's requests: {@link EXCHANGE_PERMITS_LUA} says what is in it. */
export function graphStateKey(own: string, mailboxId: string): string {
  return stateKey(own, mailboxHash(mailboxId));
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
  { prefix = DEFAULT_KEY_PREFIX, shards = 1 }: MailboxStateOptions = {},
): Promise<void> {
  const own = mailboxPrefix(prefix, mailboxId, shards);
  await redis.eval(NOTE_LUA, 1, graphStateKey(own, mailboxId), reason, ms);
}

/**     KEYS  states     2 us each: 5,000 mailboxes keep Redis for 10 ms */
const READ_LUA = `
local states = {}
for i, key in ipairs(KEYS) do states[i] = redis.call('HMGET', key, 'h', 'hs', 'p', 'e', 'er') end
return { redis.call('TIME'), states }
`;

/** The state of each of these mailboxes, in their order. One command a shard for any number. */
export async function readMailboxStates(
  redis: Redis,
  mailboxIds: readonly string[],
  { prefix = DEFAULT_KEY_PREFIX, shards = 1 }: MailboxStateOptions = {},
): Promise<MailboxState[]> {
  const found = new Map<string, MailboxState>();
  const byShard = Map.groupBy(new Set(mailboxIds), (id) => mailboxPrefix(prefix, id, shards));
  const readShard = async (own: string, ids: readonly string[]): Promise<void> => {
    const keys = ids.map((id) => graphStateKey(own, id));
    const answer = (await redis.eval(READ_LUA, keys.length, ...keys)) as [string[], Fields[]];
    for (const [index, fields] of answer[1].entries()) {
      found.set(ids[index] ?? '', toState(answer[0], fields));
    }
  };
  await Promise.all([...byShard].map(([own, ids]) => readShard(own, ids)));
  return mailboxIds.map((id) => found.get(id) ?? { held: null, singly: null });
}

type Fields = (string | null)[];

function toState(
  time: readonly string[],
  [heldUntil, since, probe, singlyUntil, reason]: Fields,
): MailboxState {
  const now = Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000);
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
}
