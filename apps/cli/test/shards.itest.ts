import { expect, test } from '@jest/globals';
import { messageKey } from '@ms1/contracts';
import { ProcessStore } from '@ms1/coordination';
import { Ledger, ShardCount } from '@ms1/ledger';
import { systemClock } from '@ms1/runtime';
import { mainOf, openRedis, spawnApp } from '@ms1/testkit';

import { Installation } from '../src/doctor/installation.ts';
import { runCli } from '../src/run-cli.ts';

const KEY = messageKey({ tenantId: 't', mailboxId: 'm', messageId: 'AAkALg-1' });
const PROCESSOR = { id: 'p1', app: 'processor', version: '1', host: 'h', pid: 7, startedAt: 1 };

async function setup() {
  const opened = await openRedis();
  const { redis, server } = opened;
  await new ShardCount(redis).claim(1);
  await new Ledger(redis).record([{ key: KEY, state: 'queued', at: 1 }]);
  return {
    ...opened,
    ms1: async (line: string) => {
      const out = { text: '', write: (text: string) => (out.text += text) };
      const code = await runCli({
        args: line.split(' '),
        stdout: out,
        stderr: out,
        connect: () => {
          throw new Error('it needs no console');
        },
        install: () => new Installation({ env: { REDIS_URL: server.url }, clock: systemClock }),
        wait: () => Promise.resolve(),
      });
      return { code, said: out.text };
    },
  };
}

test('ms1 shards says how many there are, and moves only what it is told to twice', async () => {
  await using bundle = await setup();
  expect(await bundle.ms1('shards')).toEqual({ code: 0, said: 'shards: 1\n' });
  expect(await bundle.ms1('shards --to 3')).toMatchObject({
    code: 2,
    said: expect.stringContaining('--yes'),
  });
  expect(await bundle.ms1('shards --to 65 --yes')).toMatchObject({ code: 2 });
  const { code, said } = await bundle.ms1('shards --to 3 --yes');
  expect(code).toBe(0);
  expect(said).toContain('moved 1 messages');
  expect(said).toContain('REDIS_SHARDS=3');
  const [entry] = await new Ledger(bundle.redis, { shards: 3 }).known([KEY]);
  expect(entry?.state).toBe('queued');
});

test('ms1 shards moves nothing while a process runs, and names it', async () => {
  await using bundle = await setup();
  await new ProcessStore(bundle.redis).beat({ ...PROCESSOR, unready: [] });
  const { code, said } = await bundle.ms1('shards --to 3 --yes');
  expect(code).toBe(1);
  expect(said).toContain('processor h 7');
  expect(await bundle.ms1('shards')).toMatchObject({ said: 'shards: 1\n' });
});

test('a process that is configured for another number does not start, and says what to do', async () => {
  await using bundle = await setup();
  const env = {
    REDIS_URL: bundle.server.url,
    REDIS_SHARDS: '3',
    MS4_BASE_URL: 'https://ms4.example',
    MS4_API_KEY: 'secret-of-the-test',
  };
  await using sender = spawnApp({ entry: mainOf('ms4-sender'), env });
  expect(await sender.exited).toBe(1);
  expect(sender.output()).toContain('REDIS_SHARDS is 3, and Redis has 1');
});
