import { describe, expect, test } from '@jest/globals';

import { createSenderRun } from './run-sender.ts';

/** A worker that only remembers what it was told; its run ends when it is paused or closed, as BullMQ's does. */
function setup(restMs: number) {
  const seen: string[] = [];
  let end = Promise.withResolvers<void>();
  let paused = false;
  const resumed = Promise.withResolvers<void>();
  const worker = {
    name: 'outbound',
    overdueMs: () => 0,
    run: () => {
      seen.push('run');
      return end.promise;
    },
    async pause() {
      paused = true;
      seen.push('pause');
      end.resolve();
    },
    async resume() {
      paused = false;
      seen.push('resume');
      end = Promise.withResolvers();
      resumed.resolve();
    },
    isPaused: () => paused,
    async close() {
      seen.push('close');
      end.resolve();
    },
  };
  const controller = new AbortController();
  const sender = createSenderRun(worker, { ping: async () => 'PONG' }, restMs);
  return { sender, seen, resumed: resumed.promise, controller, fail: (e: Error) => end.reject(e) };
}

describe('sender run', () => {
  test('runs until it is told to end, and closes the worker', async () => {
    const { sender, seen, controller } = setup(60_000);
    const task = sender.task(controller.signal);
    controller.abort();
    await task;
    expect(seen).toEqual(['run', 'close']);
  });

  test('stops once however often it is told to, rests, and looks again', async () => {
    const { sender, seen, controller, resumed } = setup(1);
    const task = sender.task(controller.signal);
    await Promise.all([sender.stop(), sender.stop()]);
    await resumed;
    controller.abort();
    await task;
    expect(seen).toEqual(['run', 'pause', 'resume', 'close']);
  });

  test('does not wait for the end of a rest when the process is to end', async () => {
    const { sender, seen, controller } = setup(3_600_000);
    const task = sender.task(controller.signal);
    await sender.stop();
    controller.abort();
    await task;
    expect(seen).toEqual(['run', 'pause', 'close']);
  });

  test('fails with its worker', async () => {
    const { sender, controller, fail } = setup(60_000);
    const task = sender.task(controller.signal);
    fail(new Error('the worker cannot go on'));
    await expect(task).rejects.toThrow('cannot go on');
  });
});
