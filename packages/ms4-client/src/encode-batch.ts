import { createHash } from 'node:crypto';
import { type ContractVersion, type MessageRecord, recordOfVersion } from '@ms1/contracts';

/** A record as the bytes that are sent. It is encoded once, however often its batch is cut or resent. */
export interface EncodedItem {
  /** the record's id: what MS4 dedupes on and what a verdict names */
  readonly id: string;
  readonly json: Buffer;
  /** how often MS4 has said `retry` to it: sent again after that is another question, with another key */
  readonly retries: number;
}

export interface EncodedBatch {
  readonly batchId: string;
  readonly items: readonly EncodedItem[];
  /** UTF-8 JSON of the whole batch, before compression */
  readonly body: Buffer;
}

const COMMA = Buffer.from(',');
const TAIL = Buffer.from(']}');

/** bytes of a batch around its items: {"batchId":"b-<22>","items":[]}; a comma between two comes on top */
export const BATCH_ENVELOPE_BYTES = 49;

export function encodeItem(
  record: MessageRecord,
  retries = 0,
  version: ContractVersion = 1,
): EncodedItem {
  const json = Buffer.from(JSON.stringify(recordOfVersion(record, version)));
  return { id: record.id, json, retries };
}

/**
 * A batch whose id is derived from the bytes of its items in their order (128 bits of SHA-256), so
 * that the same items resent, by this process or after a crash by another, have the same
 * Idempotency-Key, and other items never do (MS4 answers that 409). Items that were answered `retry`
 * get another key: under the old one MS4 may give the old answer for ever.
 *
 * @throws {RangeError} when empty, or when two items have one id: their verdicts could not be told apart
 */
export function encodeBatch(items: readonly EncodedItem[]): EncodedBatch {
  if (items.length === 0) throw new RangeError('a batch has at least one item');
  if (new Set(items.map(({ id }) => id)).size < items.length) {
    throw new RangeError('a batch has each id once');
  }
  const hash = createHash('sha256');
  const parts: Buffer[] = [];
  for (const { json, retries } of items) {
    if (parts.length > 0) parts.push(COMMA);
    parts.push(json);
    // A comma cannot make two lists look alike: each part is a whole JSON object.
    hash.update(json).update(COMMA);
    if (retries > 0) hash.update(`${retries},`);
  }
  const batchId = `b-${hash.digest().subarray(0, 16).toString('base64url')}`;
  const head = Buffer.from(`{"batchId":"${batchId}","items":[`);
  return { batchId, items, body: Buffer.concat([head, ...parts, TAIL]) };
}
