import { mailboxPrefix } from '@ms1/contracts';
import { defineScript, Keeper, type KeeperOptions, type Redis, storeKey } from '@ms1/redis';

import { mailboxHash, parkedKey } from '../permits/mailbox-keys.ts';
import { graphStateKey, type MailboxStateOptions } from '../permits/mailbox-state.ts';
import { NOTE_LUA } from './note.lua.ts';
import { PARK_LUA, TAKE_PARKED_LUA } from './parked.lua.ts';

/** One message that Graph refused, and in which way. */
export interface Refused {
  /** message key */
  key: string;
  /** in which way: a word of the caller's */
  kind: string;
}

/** An hour: whoever is refused is looked at again within a quarter of it. */
const RETENTION_MS = 3_600_000;

/** Jobs woken in one step: 500 that are looked up and promoted, 1,000 commands, keep Redis for some 20 ms. */
const STEP_JOBS = 500;
/** A mailbox gives 17 requests a second for long: 250 jobs a second are never too few. */
const STEP_MS = 2_000;
/** A job is parked before its batch ends and it is on the delayed list. */
const SETTLE_MS = 1_000;
/** 2, 4, 8 ... s and 10 minutes at most: as long as a refused message waits by itself. */
const WAKE_MS = 2_000;
const WAKE_MS_MAX = 600_000;

/**
 * Since when Graph has refused a message in the same way, shared by all processors: one refusal proves little, the same
 * for minutes proves more, by Redis's clock: by those of two processes a moment may look like minutes. Written for refused
 * messages only, and kept for an hour after the last refusal.
 *
 * Also lists the jobs that wait because their mailbox refuses them, to wake them when it is well again.
 */
export class RefusalStore extends Keeper {
  readonly #note = defineScript(this.redis, 'ms1RefusalsNote', NOTE_LUA);
  readonly #park = defineScript(this.redis, 'ms1RefusalsPark', PARK_LUA);
  readonly #take = defineScript(this.redis, 'ms1RefusalsTake', TAKE_PARKED_LUA);
  readonly #shards: number;

  constructor(redis: Redis, options: KeeperOptions & MailboxStateOptions = {}) {
    super(redis, options);
    this.#shards = options.shards ?? 1;
  }

  /** Notes that each is refused now. @returns ms since the first time, in order; 0 for those that it is the first time of */
  async note(refused: readonly Refused[]): Promise<number[]> {
    const keys = refused.map(({ key, kind }) => storeKey(this.prefix, 'refused', kind, key));
    return (await this.#note(keys, [RETENTION_MS])) as number[];
  }

  /** Jobs of one mailbox that wait long because it refused their messages: from now on its permits say so. */
  async park(mailboxId: string, jobIds: readonly string[]): Promise<void> {
    if (jobIds.length > 0) await this.#park(this.#keysOf(mailboxId), [RETENTION_MS, ...jobIds]);
  }

  /** Job ids to be woken of a mailbox that is well: some hundred at most, none where that was done a moment ago. */
  async takeParked(mailboxId: string): Promise<string[]> {
    return (await this.#take(this.#keysOf(mailboxId), [
      STEP_JOBS,
      STEP_MS,
      SETTLE_MS,
      WAKE_MS,
      WAKE_MS_MAX,
      RETENTION_MS,
    ])) as string[];
  }

  #keysOf(mailboxId: string): string[] {
    const own = mailboxPrefix(this.prefix, mailboxId, this.#shards);
    return [parkedKey(own, mailboxHash(mailboxId)), graphStateKey(own, mailboxId)];
  }
}
