import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { QUEUES } from '@ms1/contracts';
import { Ledger, LookupIndex } from '@ms1/ledger';
import { createQueue } from '@ms1/queue';
import { CONSOLE_TOKEN, openRedis, startConsole, until } from '@ms1/testkit';

import { failJob } from './fail-job.ts';
import type { Operation } from './operate.ts';

const LOOKUP_KEY = 'a secret of some length';
const MAIL = 60;
const keyOf = (n: number): string =>
  createHash('sha256').update(`${n}`).digest().subarray(0, 16).toString('base64url');

test('a console that is killed in the middle of a replay leaves it to another, and each message runs again once', async () => {
  await using opened = await openRedis();
  const { server, redis } = opened;
  const [ledger, index] = [new Ledger(redis), new LookupIndex(redis, { secret: LOOKUP_KEY })];
  await using inbound = Object.assign(
    createQueue(QUEUES.inbound, { connection: redis, prefix: '{ms1}' }),
    { [Symbol.asyncDispose]: () => inbound.close() },
  );
  const at = Date.now() - 60_000;
  const keys = Array.from({ length: MAIL }, (_, n) => keyOf(n));
  await index.add(
    keys.map((key, n) => ({
      key,
      mailboxId: '11111111-1111-4111-8111-111111111111',
      receivedAt: at - n * 1_000,
      internetMessageId: null,
      sender: null,
      subject: null,
    })),
  );
  for (const key of keys) await failJob(redis, inbound, key, 'a', at);
  await ledger.record(keys.map((key) => ({ key, state: 'dead', at, reason: 'a' })));

  const ask = async (url: string, path: string, body?: object): Promise<Operation> => {
    const headers = {
      authorization: `Bearer ${CONSOLE_TOKEN}`,
      'content-type': 'application/json',
    };
    const sent = body && { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${url}/api${path}`, { headers, ...sent });
    return (await response.json()) as Operation;
  };
  // Its third slice of ten is told to the ledger, and nothing of it is on its queue.
  await using first = await startConsole(server.url, {
    LOOKUP_KEY,
    NODE_ENV: 'test',
    FAILPOINT: 'ops-console:after-reopen:3:kill',
  });
  const asked = { filter: { state: 'dead' }, perSecond: 100, dryRun: false, reason: 'mended' };
  const { id, matched } = await ask(first.url, '/messages/replay', asked);
  expect(matched).toBe(MAIL);
  await first.exited;
  expect(await inbound.getWaitingCount()).toBe(20);

  // What it held is free after half a minute, which nobody waits for here.
  await redis.del(await redis.keys('{ms1}:lease:holder:*'));
  await using second = await startConsole(server.url, { LOOKUP_KEY });
  const look = () => ask(second.url, `/operations/${id}`);
  await until(async () => (await look()).status === 'done', {
    what: 'another has done it',
    timeoutMs: 60_000,
  });
  expect(await look()).toMatchObject({ done: MAIL, gone: 0, failed: 0 });
  expect([await inbound.getWaitingCount(), await inbound.getFailedCount()]).toEqual([MAIL, 0]);
  expect((await ledger.totals()).queued).toBe(MAIL);
});
