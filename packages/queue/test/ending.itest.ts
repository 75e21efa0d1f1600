import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { openRedis, spawnApp, until } from '@ms1/testkit';

import { createQueue } from '../src/index.ts';
import type { EndingOptions } from './ending-child.ts';

const ENTRY = fileURLToPath(new URL('./ending-child.ts', import.meta.url));

/** Processes with a worker, each with a queue of its own, which has a job of this name in hand. */
async function setup(kinds: readonly EndingOptions['kind'][], job: string) {
  await using stack = new AsyncDisposableStack();
  const { server, redis } = stack.use(await openRedis());
  const started = kinds.map(async (kind) => {
    const prefix = `{${kind}}`;
    const options: EndingOptions = { port: server.port, prefix, kind };
    const queue = createQueue('polling', { connection: redis, prefix });
    await queue.add(job, {});
    const app = stack.use(spawnApp({ entry: ENTRY, args: [JSON.stringify(options)] }));
    const says = (text: string) =>
      until(() => app.output().includes(text), { what: `${kind} says ${text}\n${app.output()}` });
    await says(`${job} in hand`);
    return { ...app, queue, says };
  });
  const [ours, control] = await Promise.all(started);
  if (!ours || !control) throw new Error('two of them');
  const opened = stack.move();
  return { server, ours, control, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe('a process that is told to stop', () => {
  test('finishes what it has in hand; control: one that knows nothing of signals leaves it to nobody', async () => {
    await using bundle = await setup(['app', 'deaf'], 'hold');
    const { ours, control } = bundle;
    for (const { child } of [ours, control]) child.kill('SIGTERM');
    await ours.says('stopping');
    ours.child.kill('SIGUSR2');
    expect(await ours.exited).toBe(0);
    // What is done leaves its queue.
    expect(await ours.queue.getJobCountByTypes()).toBe(0);
    expect(await control.exited).toBe('SIGTERM');
    expect(await control.queue.getActiveCount()).toBe(1);
  });

  test('ends by its deadline though Redis is frozen; control: one that closes in order waits for Redis', async () => {
    await using bundle = await setup(['app', 'patient'], 'hold');
    const { server, ours, control } = bundle;
    server.process.kill('SIGSTOP');
    for (const { child, says } of [ours, control]) {
      child.kill('SIGTERM');
      await says('stopping');
      child.kill('SIGUSR2');
    }
    expect(await ours.exited).toBe(1);
    expect(ours.output()).toContain('shutdown took too long');
    expect(control.child.exitCode).toBeNull();
    server.process.kill('SIGCONT');
    expect(await control.exited).toBe(0);
  });
});

test('a rejection that nobody awaits ends the process; control: one that goes on keeps for ever what it had in hand', async () => {
  await using bundle = await setup(['app', 'swallowing'], 'aside');
  const { ours, control } = bundle;
  expect(await ours.exited).toBe(1);
  expect(ours.output()).toContain('of what nobody awaits');
  await control.says('never mind');
  // Nothing tells: it is alive and gets through what else there is.
  const quick = await control.queue.add('quick', {});
  await until(async () => (await quick.getState()) === 'unknown', { what: 'it is done' });
  expect(control.child.exitCode).toBeNull();
  expect(await control.queue.getActiveCount()).toBe(1);
});
