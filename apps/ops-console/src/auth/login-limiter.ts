import type { Clock } from '@ms1/runtime';

/** Wrong passwords an address may try in a window: 5 a minute are 7,200 a day, hopeless against 8 characters. */
const TRIES = 5;
const WINDOW_MS = 60_000;

/** Addresses remembered at most: above it the oldest is forgotten, so that the memory stays small. */
const ADDRESSES = 1_000;

/** Counts failed logins by the address that the connection came from (no header can change it). */
export class LoginLimiter {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { count: number; since: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds until the next try is allowed; 0 when it is now. */
  waitSeconds(address: string): number {
    const failed = this.#current(address);
    if (!failed || failed.count < TRIES) return 0;
    return Math.ceil((failed.since + WINDOW_MS - this.#clock.now()) / 1_000);
  }

  failed(address: string): void {
    const failed = this.#current(address);
    if (failed) {
      failed.count += 1;
      return;
    }
    this.#failures.delete(address);
    this.#failures.set(address, { count: 1, since: this.#clock.now() });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > ADDRESSES && oldest !== undefined) this.#failures.delete(oldest);
  }

  succeeded(address: string): void {
    this.#failures.delete(address);
  }

  #current(address: string): { count: number; since: number } | undefined {
    const failed = this.#failures.get(address);
    return failed && failed.since + WINDOW_MS > this.#clock.now() ? failed : undefined;
  }
}
