import { describe, expect, test } from '@jest/globals';
import { openRedis, until } from '@ms1/testkit';

import { ProcessStore, reportAlive } from '../src/index.ts';

async function setup() {
  const opened = await openRedis();
  const { redis } = opened;
  const processes = new ProcessStore(redis, { expiryMs: 300 });
  const stop = new AbortController();
  const state = { unready: {} as Record<string, string> };
  const start = (app: string, store: Pick<ProcessStore, 'beat' | 'leave'> = processes) =>
    reportAlive({ processes: store, app, unready: async () => state.unready, everyMs: 20 })(
      stop.signal,
    );
  return {
    ...opened,
    processes,
    stop,
    state,
    start,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await opened[Symbol.asyncDispose]();
    },
  };
}

describe('the processes of the fleet', () => {
  test('are listed while they are alive, with what is not ready, and not after they have left', async () => {
    await using at = await setup();
    const running = [at.start('poller'), at.start('poller'), at.start('ms4-sender')];
    const apps = async () => (await at.processes.list()).map(({ app }) => app).join();
    await until(async () => (await apps()) === 'ms4-sender,poller,poller', { what: 'three' });
    at.state.unready = { redis: 'a reason that names a host' };
    const isUnready = ({ unready }: { unready: string[] }) => unready.join() === 'redis';
    const first = await until(async () => (await at.processes.list()).find(isUnready), {
      what: 'one is not ready',
    });
    expect(first).toMatchObject({ pid: process.pid, version: expect.stringMatching(/^\d+\./) });
    expect(JSON.stringify(first)).not.toContain('a reason');
    at.stop.abort();
    await Promise.all(running);
    expect(await at.processes.list()).toEqual([]);
  });

  test('one that was killed is gone when its record expires', async () => {
    await using at = await setup();
    // Killed: it neither goes on nor says goodbye.
    const killed = { beat: at.processes.beat.bind(at.processes), leave: async () => undefined };
    void at.start('processor', killed);
    await until(async () => (await at.processes.list()).length === 1, { what: 'it is there' });
    at.stop.abort();
    await until(async () => (await at.processes.list()).length === 0, { what: 'it is gone' });
    expect(await at.redis.keys('{ms1}:fleet:process:*')).toEqual([]);
  });

  test('a Redis that hangs neither ends the task nor holds up the stop', async () => {
    await using at = await setup();
    const running = at.start('poller');
    await until(async () => (await at.processes.list()).length === 1, { what: 'it is there' });
    at.server.process.kill('SIGSTOP');
    at.stop.abort();
    await expect(running).resolves.toBeUndefined();
    at.server.process.kill('SIGCONT');
  });
});
