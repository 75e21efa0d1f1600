import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

/** What makes one message that message, however and however often it was noticed. */
export interface MessageIdentity {
  /** Entra tenant id (GUID, any case) */
  tenantId: string;
  /** Mailbox object id (GUID, any case) */
  mailboxId: string;
  /** Graph immutable id, case-sensitive (docs/graph-contract.md#immutable-ids) */
  messageId: string;
}

const KEY_BYTES = 16;

/** What is hashed is put together here: one buffer for all keys, and one that is made for what is longer. */
const SCRATCH = Buffer.alloc(4_096);
/** bytes of UTF-8 that a UTF-16 unit takes at most */
const UNIT_BYTES_MAX = 3;

/**
 * The message key: the first 128 bits of SHA-256 over tenant id, mailbox id and immutable id, each
 * length-prefixed (UInt32BE of its UTF-8 bytes), as base64url: 22 characters. It is the ledger key
 * and the record id that MS4 dedupes on (docs/reliability.md#at-least-once), so changing it is a migration; a golden
 * test pins it.
 *
 * GUIDs are lower-cased because Graph and configuration spell them in either case.
 *
 * @throws {RangeError} when a part is empty: an empty part would let two messages share a key
 */
export function messageKey({ tenantId, mailboxId, messageId }: MessageIdentity): string {
  const parts = [tenantId.toLowerCase(), mailboxId.toLowerCase(), messageId];
  const bytesMax = parts.reduce((sum, part) => sum + 4 + part.length * UNIT_BYTES_MAX, 0);
  const bytes = bytesMax > SCRATCH.length ? Buffer.alloc(bytesMax) : SCRATCH;
  let end = 0;
  for (const part of parts) {
    if (part === '') throw new RangeError('message key: no part of the identity may be empty');
    const length = bytes.write(part, end + 4);
    bytes.writeUInt32BE(length, end);
    end += 4 + length;
  }
  return hash('sha256', bytes.subarray(0, end), 'buffer').toString('base64url', 0, KEY_BYTES);
}

/** BullMQ job id of a message on any queue. The prefix keeps it from ever being an integer, which BullMQ refuses. */
export function jobIdOf(key: string): string {
  return `m-${key}`;
}

/** The reverse of {@link jobIdOf}; undefined for a job id that is not a message's. */
export function keyOfJobId(jobId: string): string | undefined {
  return /^m-([\w-]{22})$/.exec(jobId)?.[1];
}
