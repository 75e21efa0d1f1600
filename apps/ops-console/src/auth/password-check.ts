import { type BinaryLike, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * What OWASP asks of scrypt where 32 MiB are at hand: 128 * N * r bytes = 32 MiB, three times over. Some 0.3 s of
 * one core a guess (measured, Node 24), which nobody minds once a day.
 */
const COST: ScryptOptions = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 2 ** 20 };
const DIGEST_BYTES = 32;

const derive = promisify<BinaryLike, BinaryLike, number, ScryptOptions, Buffer>(scrypt);

/** The shared password, compared by scrypt and in a time that tells nothing of it. */
export class PasswordCheck {
  readonly #password: string;
  readonly #cost: ScryptOptions;
  #known: { salt: string; digest: Promise<Buffer> } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(password: string, cost = COST) {
    this.#password = password;
    this.#cost = cost;
  }

  async matches(given: string, salt: string): Promise<boolean> {
    const digest = await this.digest(salt);
    // One after the other: however many guess at once, they have one core and 32 MiB.
    const turn = this.#last.then(() => derive(given, salt, DIGEST_BYTES, this.#cost));
    this.#last = turn.catch(() => undefined);
    return timingSafeEqual(await turn, digest);
  }

  /** What tells this password from another one, and is dear to guess from. Made once a salt. */
  async digest(salt: string): Promise<Buffer> {
    if (this.#known?.salt !== salt) {
      this.#known = { salt, digest: derive(this.#password, salt, DIGEST_BYTES, this.#cost) };
    }
    try {
      return await this.#known.digest;
    } catch (error) {
      this.#known = undefined;
      throw error;
    }
  }
}
