import { expect, test } from '@jest/globals';
import { JOBS } from '@ms1/contracts';
import { askOnce } from '@ms1/queue';
import { until } from '@ms1/testkit';

import { fleetBundle } from './fleet-bundle.ts';

const ANA = 'ana.canary@contoso.example';
const PAYABLES = 'payables@supplier.example';
/** What the simulator's records name her by, wherever they do. */
const CANARY = 'ana.canary';

/** All that is in Redis, whatever its type, as one text. */
async function wholeRedis(
  redis: Awaited<ReturnType<typeof fleetBundle>>['redis'],
): Promise<string> {
  const kept: unknown[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    const read = {
      hash: () => redis.hgetall(key),
      list: () => redis.lrange(key, 0, -1),
      set: () => redis.smembers(key),
      zset: () => redis.zrange(key, 0, -1),
      stream: () => redis.xrange(key, '-', '+'),
      string: () => redis.get(key),
    }[type];
    kept.push(key, await read?.());
  }
  return JSON.stringify(kept);
}

const mailOf = (address: string, subject: string) => ({
  from: { address, name: `The one of ${address}` },
  subject,
});

test('ms1 forget leaves nothing of a person in Redis while a session runs, and all that is in the mailbox is delivered once', async () => {
  await using bundle = await fleetBundle({ since: '2020-01-01T00:00:00Z', everyMs: 1_000 });
  const { ms1, redis, ledger, outbound, inbound, status, mailboxId } = bundle;
  const before = (await status()).mailboxes.length;
  expect(before).toBe(1);
  await bundle.startDelivery();
  const [first = ''] = [
    JSON.parse((await ms1('sessions', 'start', '--name', 'run', '--json')).out).id,
  ];
  // Hers are refused, for good, until that is put right; then MS4 is away, and the others wait.
  await bundle.fault('ms4-poison-pointed', { match: 'POISON' });
  const dead: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    dead.push(await bundle.inject(mailOf(ANA, `POISON ${n} for ${ANA}`)));
  }
  await until(async () => (await outbound.getFailedCount()) === dead.length, {
    what: 'five are dead',
  });
  await bundle.clearFaults();
  await bundle.fault('ms4-down');
  const mail: string[] = [];
  for (let n = 0; n < 30; n += 1) {
    mail.push(await bundle.inject(mailOf(n % 2 === 0 ? ANA : PAYABLES, `Invoice ${n}`)));
  }
  await until(
    async () => {
      const { wait = 0, delayed = 0, active = 0, prioritized = 0 } = await outbound.getJobCounts();
      return wait + delayed + active + prioritized === mail.length;
    },
    { what: 'thirty wait for MS4' },
  );
  const there = (await wholeRedis(redis)).split(CANARY).length;
  expect(there).toBeGreaterThan(30);

  expect((await ms1('forget')).code).toBe(2);
  expect((await ms1('forget', ANA, '--yes')).code).toBe(2);
  const dry = await ms1('forget', ANA);
  expect(dry).toMatchObject({ code: 0, err: expect.any(String) });
  expect(dry.out).toMatch(/dead letters +5\n/);
  expect(dry.out).toContain('Nothing has changed');
  expect((await wholeRedis(redis)).split(CANARY).length).toBe(there);

  // Whoever removes may die of it at any moment, and whoever comes next goes on.
  const killed = ms1('forget', ANA, '--yes', '--reason', 'case 17');
  await until(async () => (await wholeRedis(redis)).split(CANARY).length < there, {
    what: 'it has begun',
  });
  await bundle.console.stop('SIGKILL');
  expect((await killed).code).not.toBe(0);
  await bundle.startConsole();

  const removal = await ms1('forget', ANA, '--yes', '--reason', 'case 17', '--json');
  const account = JSON.parse(removal.out);
  expect([removal.code, account]).toMatchObject([
    0,
    { status: 'done', left: { inbound: 0, outbound: 0, deadLetters: 0, events: 0 }, unreadable: 0 },
  ]);
  expect(await wholeRedis(redis)).not.toContain(CANARY);
  expect((await wholeRedis(redis)).split(PAYABLES).length).toBeGreaterThan(15);
  // Nobody moved: what waits waits, and what is dead is dead for what it was.
  expect(JSON.parse((await ms1('dead', 'list', '--json')).out)).toMatchObject([{ count: 5 }]);

  // One of hers is deleted in the mailbox, as it should be: it is looked for, and skipped.
  const deleted = mail[2] ?? '';
  await bundle.removeMail(deleted);
  await redis.set(`{ms1}:refused:gone:${deleted}`, Date.now() - 3_600_000);
  await bundle.clearFaults();
  expect((await ms1('dead', 'replay', '--all', '--yes', '--reason', 'mended')).code).toBe(0);
  const all = mail.length + dead.length;
  await until(
    async () => {
      const { delivered, skipped } = await ledger.totals();
      return delivered === all - 1 && skipped === 1;
    },
    // What MS4's breaker keeps waiting comes after 30 s at most, and what was looked for is looked for again.
    { what: 'all are delivered', timeoutMs: 150_000 },
  );
  expect((await status()).stored).toBe(all - 1);
  expect((await ledger.known([deleted]))[0]).toMatchObject({ reason: 'source_deleted' });
  expect(await ledger.totals()).toMatchObject({ queued: 0, prepared: 0, dead: 0 });
  const ended = await ms1('sessions', 'close', first, '--json');
  expect(ended.code).toBe(0);
  await until(async () => (await inbound.getJobCountByTypes('wait', 'active', 'delayed')) === 0, {
    what: 'nothing waits',
  });
  expect(await wholeRedis(redis)).not.toContain(CANARY);
  // What was delivered or skipped is still found by what is indexed of it: that is removed by mailbox as well.
  const ofMailbox = await ms1('forget', mailboxId, '--yes', '--reason', 'case 18', '--json');
  expect([ofMailbox.code, JSON.parse(ofMailbox.out)]).toMatchObject([
    0,
    { messages: all, left: { index: 0 } },
  ]);
  expect(JSON.parse(ofMailbox.out).removed.index).toBeGreaterThan(all);
});

test('an old dead letter of the sender, stripped, is delivered when it is replayed', async () => {
  await using bundle = await fleetBundle({ since: '2020-01-01T00:00:00Z', everyMs: 1_000 });
  const { ms1, redis, ledger, outbound, status } = bundle;
  await bundle.startDelivery();
  await bundle.fault('ms4-poison-pointed', { match: 'POISON' });
  const keys = [
    await bundle.inject(mailOf(ANA, 'POISON 1')),
    await bundle.inject(mailOf(ANA, 'POISON 2')),
  ];
  await until(async () => (await outbound.getFailedCount()) === 2, { what: 'both are dead' });
  await bundle.clearFaults();
  const failed = outbound.toKey('failed');
  const past = Date.now() - 31 * 24 * 3_600_000;
  for (const id of await redis.zrange(failed, 0, -1)) await redis.zadd(failed, 'XX', past, id);
  expect(await wholeRedis(redis)).toContain(CANARY);
  // As the poller's own schedule adds it once a day.
  await bundle.polling.add(JOBS.stripLetters, { v: 1 }, askOnce('strip-letters'));
  await until(async () => !(await wholeRedis(redis)).includes(CANARY), { what: 'it is stripped' });
  expect(await outbound.getFailedCount()).toBe(2);
  expect((await ms1('dead', 'replay', '--all', '--yes', '--reason', 'mended')).code).toBe(0);
  await until(async () => (await ledger.totals()).delivered === 2, { what: 'both are delivered' });
  expect((await status()).stored).toBe(2);
  expect((await ledger.known(keys)).map((entry) => entry?.state)).toEqual([
    'delivered',
    'delivered',
  ]);
});
