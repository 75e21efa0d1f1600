import { DEFAULT_KEY_PREFIX } from '@ms1/contracts';
import { type Clock, systemClock } from '@ms1/runtime';

import type { Redis } from './redis.ts';

/** What whoever keeps something in Redis may be told; each has its defaults. */
export interface KeeperOptions {
  /** of all its keys; default `{ms1}` */
  prefix?: string;
  clock?: Clock;
}

/** Whoever keeps something in Redis: on which connection, under which prefix, and what time it is there. */
export abstract class Keeper {
  protected readonly redis: Redis;
  protected readonly prefix: string;
  protected readonly clock: Clock;

  constructor(
    redis: Redis,
    { prefix = DEFAULT_KEY_PREFIX, clock = systemClock }: KeeperOptions = {},
  ) {
    this.redis = redis;
    this.prefix = prefix;
    this.clock = clock;
  }
}
