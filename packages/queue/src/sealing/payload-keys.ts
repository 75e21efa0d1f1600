import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { secret } from '@ms1/runtime';
import { z } from 'zod';

/** A key that seals and opens job data. */
export interface PayloadKey {
  id: string;
  /** tells two keys that an operator gave one id: 48 bits of a hash of 256 random ones give nothing away */
  mark: string;
  key: KeyObject;
}

/** AES-256 */
const KEY_BYTES = 32;
const WHAT = 'an entry is id:key, the key from `openssl rand -base64 32`';

/** `id:base64`, separated by commas or lines. The first one seals, all of them open. Says no value: it is a secret. */
const PayloadKeys = z.string().transform((text, context): PayloadKey[] => {
  const keys: PayloadKey[] = [];
  for (const [index, entry] of text.split(/[\s,]+/).entries()) {
    if (entry === '') continue;
    const [, id = '', base64 = ''] = /^([\w-]{1,32}):([\w+/-]+=*)$/.exec(entry) ?? [];
    const bytes = Buffer.from(base64, 'base64');
    const where = `entry ${index + 1}`;
    if (id === '') {
      context.addIssue(`${where}: ${WHAT}, the id 1 to 32 letters, digits, - or _`);
    } else if (bytes.length !== KEY_BYTES) {
      context.addIssue(`${where}: has ${bytes.length} bytes and not ${KEY_BYTES}: ${WHAT}`);
    } else if (keys.some((key) => key.id === id)) {
      context.addIssue(`${where}: has the id of another one: a new key has a new id`);
    } else {
      keys.push(payloadKey(id, bytes));
    }
  }
  // What was meant to be encrypted must not be stored as it is.
  if (keys.length + context.issues.length === 0) context.addIssue(`holds no key: ${WHAT}`);
  return keys;
});

/** The variable of every process that writes or reads the data of messages' jobs. */
export const payloadConfig = {
  PAYLOAD_KEY: secret(PayloadKeys.optional()).describe(
    'Encrypts the data of jobs at rest in Redis ([personal-data.md](personal-data.md)): `id:key` each, separated by ' +
      'commas or lines, the key from `openssl rand -base64 32`. The first one seals, all of them open. Not set: jobs ' +
      'are stored as they are.',
  ),
};

/** @param bytes 32 of them */
export function payloadKey(id: string, bytes: Buffer): PayloadKey {
  const mark = createHash('sha256').update('ms1 payload key').update(bytes).digest();
  return { id, mark: mark.subarray(0, 6).toString('base64url'), key: createSecretKey(bytes) };
}
