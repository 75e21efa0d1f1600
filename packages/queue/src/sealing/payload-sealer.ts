import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { PayloadInvalidError, PayloadSealedError } from '@ms1/contracts';

import type { PayloadKey } from './payload-keys.ts';

/**
 * Job data that is encrypted. Its version is one that releases without sealing do not know: they leave it alone.
 * `sealed` is `<id of the key>.<mark of the key>.<base64 of iv, ciphertext, tag>`.
 */
interface SealedPayload {
  v: typeof SEALED_VERSION;
  sealed: string;
}

export interface PayloadSealerOptions {
  /** the first one seals, all of them open; none: nothing is sealed */
  keys?: readonly PayloadKey[] | undefined;
  /** met a key that is not among them, told once for each */
  onUnknownKey?: (keyId: string) => void;
  now?: () => number;
}

const SEALED_VERSION = 2;
const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D: with random ivs of 96 bits a key is good for 2^32 messages */
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Drawn at once: one by one they take 5 us of the 17 that sealing takes (measured) */
const IVS = 256;
const SEALED = /^([\w-]{1,32})\.([\w-]{8})\./;
/** ms for which an unknown key is held against this process: what it sealed comes again every minute */
const UNKNOWN_MS = 150_000;

/**
 * Seals the data of messages' jobs with AES-256-GCM, or leaves it as it is without a key. What is sealed is bound to
 * its job's id, so that it opens for no other job.
 */
export class PayloadSealer {
  readonly #keys: readonly PayloadKey[];
  readonly #onUnknownKey: (keyId: string) => void;
  readonly #now: () => number;
  readonly #told = new Set<string>();
  #unknown: { keyId: string; at: number } | null = null;
  readonly #ivs = Buffer.alloc(IVS * IV_BYTES);
  #used = IVS;

  constructor({
    keys = [],
    onUnknownKey = () => undefined,
    now = Date.now,
  }: PayloadSealerOptions = {}) {
    this.#keys = keys;
    this.#onUnknownKey = onUnknownKey;
    this.#now = now;
  }

  /** What is stored of a job's data. */
  seal<T extends object>(jobId: string, payload: T): T | SealedPayload {
    const [first] = this.#keys;
    if (!first) return payload;
    const iv = this.#freshIv();
    const cipher = createCipheriv(CIPHER, first.key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(jobId));
    const text = cipher.update(JSON.stringify(payload), 'utf8');
    const bytes = Buffer.concat([iv, text, cipher.final(), cipher.getAuthTag()]);
    const sealed = `${first.id}.${first.mark}.${bytes.toString('base64')}`;
    return { v: SEALED_VERSION, sealed };
  }

  /**
   * A job's data from what is stored of it. What was never sealed is answered as it is: such jobs waited when the key came.
   *
   * @throws {PayloadSealedError} when its key is not here: leave it alone
   * @throws {PayloadInvalidError} when it does not open by its key: it was changed, or sealed for another job
   */
  open(jobId: string, data: unknown): unknown {
    if (!isSealed(data)) return data;
    const [header, keyId, mark] = SEALED.exec(data.sealed) ?? [];
    if (header === undefined || keyId === undefined) throw new PayloadInvalidError(['sealed']);
    const found = this.#keys.find((key) => key.id === keyId && key.mark === mark);
    if (!found) throw this.#unknownKey(keyId);
    const bytes = Buffer.from(data.sealed.slice(header.length), 'base64');
    try {
      const iv = bytes.subarray(0, IV_BYTES);
      const decipher = createDecipheriv(CIPHER, found.key, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(jobId));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = bytes.subarray(IV_BYTES, -TAG_BYTES);
      return JSON.parse(decipher.update(text, undefined, 'utf8') + decipher.final('utf8'));
    } catch {
      throw new PayloadInvalidError(['sealed']);
    }
  }

  /** @throws while jobs come that are sealed by a key that is not here */
  assertKnown(): void {
    if (!this.#unknown || this.#now() - this.#unknown.at > UNKNOWN_MS) return;
    throw new PayloadSealedError(this.#unknown.keyId);
  }

  #freshIv(): Buffer {
    if (this.#used === IVS) {
      randomFillSync(this.#ivs);
      this.#used = 0;
    }
    const start = this.#used * IV_BYTES;
    this.#used += 1;
    return this.#ivs.subarray(start, start + IV_BYTES);
  }

  #unknownKey(keyId: string): PayloadSealedError {
    this.#unknown = { keyId, at: this.#now() };
    if (!this.#told.has(keyId)) this.#onUnknownKey(keyId);
    this.#told.add(keyId);
    return new PayloadSealedError(keyId);
  }
}

function isSealed(data: unknown): data is SealedPayload {
  const { v, sealed } = (data ?? {}) as Partial<SealedPayload>;
  return v === SEALED_VERSION && typeof sealed === 'string';
}
