import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';

import { App } from './app.ts';
import type { Task } from './app-task.ts';

function setup(shutdownTimeoutMs = 5_000) {
  const events: string[] = [];
  const app = new App({ logger: pino({ level: 'silent' }), shutdownTimeoutMs });
  const untilStopped =
    (name: string): Task =>
    (signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          events.push(`${name} settled`);
          resolve();
        });
      });
  return { app, events, untilStopped };
}

describe('App', () => {
  test('settles tasks before it releases anything, and releases last in, first out', async () => {
    const { app, events, untilStopped } = setup();
    await app.acquire(
      'redis',
      () => 'redis',
      () => events.push('redis closed'),
    );
    await app.acquire(
      'http',
      () => 'http',
      () => events.push('http closed'),
    );
    app.start('worker', untilStopped('worker'));
    const exit = app.run();
    process.emit('SIGTERM', 'SIGTERM');
    await expect(exit).resolves.toBe(0);
    expect(events).toEqual(['worker settled', 'http closed', 'redis closed']);
  });

  test('does not lose a SIGTERM that arrives before run()', async () => {
    const { app, events, untilStopped } = setup();
    process.emit('SIGTERM', 'SIGTERM');
    app.start('worker', async (signal) => {
      if (!signal.aborted) await untilStopped('worker')(signal);
    });
    await expect(app.run()).resolves.toBe(0);
    expect(events).toEqual([]);
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['ends by itself', () => Promise.resolve()],
  ])('stops with 1, and is not alive any more, when a task %s', async (_, task) => {
    const { app, events, untilStopped } = setup();
    app.start('other', untilStopped('other'));
    app.start('broken', task);
    await expect(app.run()).resolves.toBe(1);
    expect(events).toEqual(['other settled']);
    expect(app.alive).toBe(false);
  });

  test('exits with 1 by its deadline when a task hangs', async () => {
    const { app } = setup(50);
    app.start('hung', () => new Promise(() => undefined));
    const exit = app.run();
    process.emit('SIGTERM', 'SIGTERM');
    await expect(exit).resolves.toBe(1);
  });

  test('releases the rest when one release fails, and says so by its exit code', async () => {
    const { app, events, untilStopped } = setup();
    app.defer('first', () => events.push('first released'));
    app.defer('second', () => Promise.reject(new Error('cannot close')));
    app.start('worker', untilStopped('worker'));
    const exit = app.run();
    process.emit('SIGINT', 'SIGINT');
    await expect(exit).resolves.toBe(1);
    expect(events).toEqual(['worker settled', 'first released']);
  });

  test('is ready when every check passes, and names each that does not', async () => {
    const { app } = setup();
    app.check('redis', () => undefined);
    expect(await app.unready()).toEqual({});
    app.check('ms4', () => {
      throw new Error('refuses our token');
    });
    expect(await app.unready()).toEqual({ ms4: 'refuses our token' });
    process.emit('SIGTERM', 'SIGTERM');
    expect(await app.unready()).toEqual({ app: 'is stopping' });
    await app.run();
  });
});
