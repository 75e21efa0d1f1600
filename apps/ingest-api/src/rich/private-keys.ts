import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import { certificateIdOf } from '@ms1/graph-client';

/** Keys by the id of their certificate: the one in use, and those that notifications may still name. */
export type PrivateKeys = ReadonlyMap<string, webcrypto.CryptoKey>;

/** Two are needed while a certificate is exchanged. */
const KEYS_MAX = 10;

/**
 * Reads private keys in PEM, one after another. Which certificate each belongs to follows from its
 * public half, so that nothing has to be named.
 *
 * @throws {RangeError} naming what is wrong, never a part of a key
 */
export function readPrivateKeys(pems: string): ReadonlyMap<string, KeyObject> {
  const blocks = pems.match(/-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----/g) ?? [];
  if (blocks.length === 0 || blocks.length > KEYS_MAX) {
    throw new RangeError(`must be 1 to ${KEYS_MAX} private keys in PEM, one after another`);
  }
  const keys = blocks.map(readKey);
  return new Map(keys.map((key) => [certificateIdOf(createPublicKey(key)), key]));
}

/** Keys of Web Crypto, which decrypts beside the event loop: an RSA operation takes a millisecond or two. */
export async function forDecryption(keys: ReadonlyMap<string, KeyObject>): Promise<PrivateKeys> {
  const imported = await Promise.all(
    [...keys].map(async ([id, key]) => {
      const der = key.export({ type: 'pkcs8', format: 'der' });
      // SHA-1 for MGF1 too: what Graph encrypts with (docs/graph-contract.md#encrypted-content).
      const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' };
      const usable = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['decrypt']);
      return [id, usable] as const;
    }),
  );
  return new Map(imported);
}

function readKey(pem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // Not passed on: it may tell of the key.
  }
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key?.asymmetricKeyType !== 'rsa' || bits < 2_048 || bits > 4_096) {
    throw new RangeError('must hold RSA private keys of 2048 to 4096 bits, without a passphrase');
  }
  return key;
}
