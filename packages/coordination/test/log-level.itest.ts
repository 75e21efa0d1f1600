import { describe, expect, test } from '@jest/globals';
import { openRedis, until } from '@ms1/testkit';

import { followLogLevel, LogLevelStore } from '../src/index.ts';

/** A process's log, as far as its level goes, and what it says of that. */
function aLogger(level = 'info') {
  const lines: unknown[] = [];
  return {
    level,
    levels: {
      values: { debug: 20, info: 30, warn: 40, error: 50 },
      labels: { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' },
    },
    info(fields: unknown) {
      if (this.level === 'debug' || this.level === 'info') lines.push(fields);
    },
    lines,
  };
}

async function setup() {
  const opened = await openRedis();
  const levels = new LogLevelStore(opened.redis);
  const stop = new AbortController();
  const loggers = [aLogger('info'), aLogger('warn')] as const;
  const tasks = loggers.map((logger) =>
    followLogLevel({ levels, logger, everyMs: 20 })(stop.signal),
  );
  const levelsAre = (...wanted: string[]) =>
    until(() => loggers.map(({ level }) => level).join() === wanted.join(), {
      what: `they log at ${wanted.join()}`,
    });
  return {
    ...opened,
    levels,
    loggers,
    levelsAre,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(tasks);
      await opened[Symbol.asyncDispose]();
    },
  };
}

describe('the level of the log', () => {
  test('is followed by every process, and each logs at its own when it is ended', async () => {
    await using at = await setup();
    await at.levels.want('debug', 60_000);
    await at.levelsAre('debug', 'debug');
    expect(await at.levels.read()).toMatchObject({ level: 'debug' });
    await at.levels.want('error', 60_000);
    await at.levelsAre('error', 'error');
    await at.levels.end();
    await at.levelsAre('info', 'warn');
    // The one that says `info` has told of each change.
    expect(at.loggers[0].lines).toMatchObject([
      { from: 'info', to: 'debug' },
      { from: 'debug', to: 'error' },
      { from: 'error', to: 'info' },
    ]);
  });

  test('ends by itself', async () => {
    await using at = await setup();
    await at.levels.want('debug', 200);
    await at.levelsAre('debug', 'debug');
    await at.levelsAre('info', 'warn');
    expect(await at.levels.read()).toBeNull();
  });

  test('ends by itself also where Redis is away by then', async () => {
    await using at = await setup();
    await at.levels.want('debug', 200);
    await at.levelsAre('debug', 'debug');
    at.server.process.kill('SIGSTOP');
    await at.levelsAre('info', 'warn');
    at.server.process.kill('SIGCONT');
    expect(at.loggers[0].lines).toMatchObject([{ to: 'debug' }, { to: 'info' }]);
  });

  test('is left alone by what is no level', async () => {
    await using at = await setup();
    await at.redis.set('{ms1}:fleet:log-level', 'silent', 'PX', 60_000);
    expect(await at.levels.read()).toBeNull();
    await at.redis.set('{ms1}:fleet:log-level', 'debug');
    expect(await at.levels.read()).toBeNull();
  });
});
