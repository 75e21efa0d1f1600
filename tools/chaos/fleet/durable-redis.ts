import { setTimeout as delay } from 'node:timers/promises';
import { isGone, startRedis, type TestRedis } from '@ms1/testkit';
import type { Redis } from 'ioredis';

import type { ChaosRedis } from '../chaos-fleet.ts';

/** As in production, and with a time before each second's commands, so that a power loss can be cut to the second. */
export const DURABLE: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  appendfsync: 'everysec',
  'aof-timestamp-enabled': 'yes',
  save: '',
  'maxmemory-policy': 'noeviction',
};

/** The redis-server of a run, which dies and comes back on its port with what is on its disk. */
export class DurableRedis implements ChaosRedis, AsyncDisposable {
  readonly admin: Redis;
  readonly #first: TestRedis;
  #server: TestRedis;

  constructor(server: TestRedis, admin: Redis) {
    this.#first = server;
    this.#server = server;
    this.admin = admin;
  }

  get dir(): string {
    return this.#first.dir;
  }

  get pid(): number {
    return this.#server.pid;
  }

  kill(): Promise<void> {
    return this.#server.kill();
  }

  async start(flags: Readonly<Record<string, string>> = {}): Promise<void> {
    const { port, dir } = this.#first;
    this.#server = await startRedis({ port, dir, flags: { ...DURABLE, ...flags } });
    // The client that outlived it may be in the middle of a pause.
    while (this.admin.status !== 'ready') await delay(20);
  }

  signal(signal: NodeJS.Signals): void {
    if (!isGone(this.#server.pid)) process.kill(this.#server.pid, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.kill();
  }
}
