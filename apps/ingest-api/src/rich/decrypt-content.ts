import { createDecipheriv, createHmac, timingSafeEqual, webcrypto } from 'node:crypto';

import type { EncryptedContent } from '../notifications/read-notifications.ts';
import type { PrivateKeys } from './private-keys.ts';

/** The content of a notification cannot be decrypted. The metrics say why, the answer never does. */
class ContentUnreadableError extends Error {
  readonly code: 'key_unknown' | 'key_unreadable' | 'signature_wrong' | 'data_unreadable';

  constructor(code: ContentUnreadableError['code']) {
    super(`the content of a notification cannot be read: ${code}`);
    this.name = 'ContentUnreadableError';
    this.code = code;
  }
}

const KEY_BYTES = 32;
const IV_BYTES = 16;

/**
 * What a rich notification carries of its message (docs/graph-contract.md#encrypted-content): the data key is opened
 * with RSA (OAEP, SHA-1), the data is checked by HMAC-SHA256 over its raw bytes before anything is done with it, and
 * then opened with AES-256-CBC, whose IV is the first 16 bytes of the data key.
 *
 * @throws {ContentUnreadableError}
 */
export async function decryptContent(
  { data, dataKey, dataSignature, certificateId }: EncryptedContent,
  keys: PrivateKeys,
): Promise<unknown> {
  const privateKey = keys.get(certificateId);
  if (!privateKey) throw new ContentUnreadableError('key_unknown');
  const key = await openKey(privateKey, dataKey);
  const bytes = Buffer.from(data, 'base64');
  const expected = createHmac('sha256', key).update(bytes).digest();
  const given = Buffer.from(dataSignature, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new ContentUnreadableError('signature_wrong');
  }
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, IV_BYTES));
    const plain = Buffer.concat([decipher.update(bytes), decipher.final()]);
    return JSON.parse(plain.toString('utf8')) as unknown;
  } catch {
    throw new ContentUnreadableError('data_unreadable');
  }
}

async function openKey(privateKey: webcrypto.CryptoKey, dataKey: string): Promise<Buffer> {
  const encrypted = Buffer.from(dataKey, 'base64');
  const opened = await webcrypto.subtle
    .decrypt({ name: 'RSA-OAEP' }, privateKey, encrypted)
    .catch(() => null);
  if (opened?.byteLength !== KEY_BYTES) throw new ContentUnreadableError('key_unreadable');
  return Buffer.from(opened);
}
