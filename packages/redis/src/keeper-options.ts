import type { Clock } from '@ms1/runtime';

/** What whoever keeps something in Redis may be told; each has its defaults. */
export interface KeeperOptions {
  /** of all its keys; default `{ms1}` */
  prefix?: string;
  clock?: Clock;
}
