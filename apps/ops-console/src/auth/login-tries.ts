import { hashedId } from '@ms1/contracts';
import { defineScript, Keeper, storeKey } from '@ms1/redis';

import { FORGET_LUA, TAKE_LUA } from './login-tries.lua.ts';

/** Why a try is not made: too many from this address, or so many from all that each has fewer. */
export interface RefusedTry {
  limit: 'address' | 'all';
  waitMs: number;
  /** the first one that was refused for it since the window began: enough for a log */
  first: boolean;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Somebody who mistypes has found the word by then. */
const PER_MINUTE = 5;
/** 262,800 a year from one address: with 8 random letters (2e11) one chance in 800,000. */
const PER_HOUR = 30;
/**
 * Ten addresses that guess all the time. Above it an address has 3 an hour and not none: whoever makes others
 * wait by guessing would need no more than that to lock them out.
 */
const ALL_PER_HOUR = 300;
const PER_HOUR_WHEN_SLOW = 3;

/** Counts wrong passwords by the address they come from and altogether, for all consoles as one. */
export class LoginTries extends Keeper {
  readonly #take = defineScript(this.redis, 'ms1LoginTriesTake', TAKE_LUA);
  readonly #forget = defineScript(this.redis, 'ms1LoginTriesForget', FORGET_LUA);

  /** Counts a try that is about to be made; null: make it. */
  async take(address: string): Promise<RefusedTry | null> {
    const limits = [PER_MINUTE, MINUTE_MS, PER_HOUR, HOUR_MS, ALL_PER_HOUR, HOUR_MS];
    const args = [this.clock.now(), ...limits, PER_HOUR_WHEN_SLOW];
    const answer = await this.#take(this.#keys(address), args);
    const [who, waitMs, refused] = answer as [number, number, number];
    if (who === 0) return null;
    return { limit: who === 1 ? 'address' : 'all', waitMs, first: refused === 1 };
  }

  /** It was the right password: this address has a clean sheet. */
  async succeeded(address: string): Promise<void> {
    await this.#forget(this.#keys(address), []);
  }

  /** Redis's keys hold only a hash of the address, for an hour. */
  #keys(address: string): string[] {
    const id = hashedId(address);
    return [`minute-${id}`, `hour-${id}`, 'all'].map((one) =>
      storeKey(this.prefix, 'console', 'login-tries', one),
    );
  }
}
