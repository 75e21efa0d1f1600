import { Buffer } from 'node:buffer';

import { hashedId } from './hashed-id.ts';

/**
 * The prefixes over which messages are spread, and what belongs to a mailbox: the prefix itself where there is one shard,
 * else `{ms1:0}` to `{ms1:N-1}`, each a hash tag of its own.
 */
export function shardPrefixes(prefix: string, shards: number): string[] {
  if (shards === 1) return [prefix];
  return Array.from({ length: shards }, (_, shard) => prefix.replace('}', `:${shard}}`));
}

/** All prefixes of keys: that of everything else, and those of the shards. */
export function keyPrefixes(prefix: string, shards: number): string[] {
  return [...new Set([prefix, ...shardPrefixes(prefix, shards)])];
}

/**
 * The shard in which a message is remembered. By its key and not by its mailbox: the key is all that an entry, a job, MS4's verdict and an
 * operator's question have in common, so none has to ask every shard, and a change of N can move entries, which do not
 * say whose mailbox they are from. The key is a hash, so a mailbox of a million messages fills all shards alike.
 */
export function shardOf(messageKey: string, shards: number): number {
  if (shards === 1) return 0;
  return Buffer.from(messageKey.slice(0, 8), 'base64url').readUIntBE(0, 6) % shards;
}

/**
 * The shard of a mailbox: of its jobs, its permits and its cursors. Whoever takes a batch of jobs has many of few mailboxes,
 * which Graph gives by the page, and a job stays in one slot on its way from `inbound` to `outbound`, which is one script.
 */
export function shardOfMailbox(mailboxId: string, shards: number): number {
  return shards === 1 ? 0 : shardOf(hashedId(mailboxId.toLowerCase()), shards);
}

/** The prefix of what belongs to a mailbox. */
export function mailboxPrefix(prefix: string, mailboxId: string, shards: number): string {
  return shardPrefixes(prefix, shards)[shardOfMailbox(mailboxId, shards)] ?? prefix;
}
