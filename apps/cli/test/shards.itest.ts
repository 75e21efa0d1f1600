import { expect, test } from '@jest/globals';
import { mailboxPrefix, messageKey, QUEUES, shardPrefixes } from '@ms1/contracts';
import { GraphPermits, ProcessStore, RefusalStore, readMailboxStates } from '@ms1/coordination';
import { Installation } from '@ms1/doctor';
import { Ledger, ShardCount } from '@ms1/ledger';
import { CursorStore, MailboxDirectory } from '@ms1/mailboxes';
import { createJobLocator, createQueue, InboundProducer } from '@ms1/queue';
import { systemClock } from '@ms1/runtime';
import { aMailbox, aMessage, mainOf, openRedis, spawnApp } from '@ms1/testkit';
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

test('ms1 shards takes jobs that wait, permits and cursors along, each to the slot of its mailbox', async () => {
  await using bundle = await setup();
  const { redis } = bundle;
  const mailboxes = Array.from({ length: 8 }, (_, n) => `${n}0000000-1111-4111-8111-11111111111A`);
  const folders = mailboxes.map((mailboxId) => ({ mailboxId, folderId: 'inbox' }));
  const messages = mailboxes.map((mailboxId, n) => aMessage(n, { mailboxId }));
  await new MailboxDirectory(redis).seed(
    mailboxes.map((mailboxId) =>
      aMailbox({ tenantId: '90000000-1111-4111-8111-111111111111', mailboxId }),
    ),
  );
  const inboundOf = (shards: number) =>
    shardPrefixes('{ms1}', shards).map((prefix) =>
      createQueue(QUEUES.inbound, { connection: redis, prefix }),
    );
  await new InboundProducer({ queues: inboundOf(1), ledger: new Ledger(redis) }).notice(messages);
  for (const folder of folders) {
    const position = { link: folder.mailboxId, since: null };
    await new CursorStore(redis).read(folder, 1);
    await new CursorStore(redis).write(folder, position, 1);
    await new GraphPermits(redis).hold(folder.mailboxId, 600_000);
    await new RefusalStore(redis).park(folder.mailboxId, [`m-${folder.mailboxId}`]);
  }
  const names = await redis.keys('*');
  const ofMailboxes = /^(\{ms1[^}]*\}):(?:graph|refused:parked|poller:cursor|inbound:m-)/;

  for (const shards of [3, 2]) {
    const { code, said } = await bundle.ms1(`shards --to ${shards} --yes`);
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining(' cursors') });
    const states = await readMailboxStates(redis, mailboxes, { shards });
    expect(states.map(({ held }) => held?.reason)).toEqual(mailboxes.map(() => 'throttled'));
    const places = await createJobLocator(inboundOf(shards))(messages.map(messageKey));
    expect(places).toEqual(messages.map(() => ({ queue: 'inbound', failed: false })));
    for (const folder of folders) {
      const cursor = await new CursorStore(redis, { shards }).read(folder, 2);
      expect(cursor?.link).toBe(folder.mailboxId);
    }
    const perSlot = Map.groupBy(
      (await redis.keys('*')).filter((name) => ofMailboxes.test(name)),
      (name) => ofMailboxes.exec(name)?.[1] ?? '',
    );
    // A job, a cursor, a hold and what is parked of each.
    const wanted = Map.groupBy(mailboxes, (id) => mailboxPrefix('{ms1}', id, shards));
    expect(new Map([...perSlot].map(([own, some]) => [own, some.length]))).toEqual(
      new Map([...wanted].map(([own, some]) => [own, 4 * some.length])),
    );
  }
  expect((await bundle.ms1('shards --to 1 --yes')).code).toBe(0);
  const back = (await redis.keys('*')).filter((name) => ofMailboxes.test(name));
  expect(back.toSorted()).toEqual(names.filter((name) => ofMailboxes.test(name)).toSorted());
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
