import { describe, expect, test } from '@jest/globals';
import { IngestMessage, JOBS, jobIdOf, messageKey } from '@ms1/contracts';
import { aGraphMessage, until } from '@ms1/testkit';

import type { Work } from '../src/operations/run-operations.ts';
import { consoleBundle, MAILBOXES, TENANT } from './console-bundle.ts';
import { failJob } from './fail-job.ts';
import { ended, type Operation, startOperations } from './operate.ts';
import { smallGraph } from './small-graph.ts';

const [MAILBOX = '', OTHER = ''] = MAILBOXES;
const AT = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;
const keyOf = (messageId: string, mailboxId = MAILBOX): string =>
  messageKey({ tenantId: TENANT, mailboxId, messageId });

interface Mail {
  id: string;
  state: 'skipped' | 'delivered' | 'dead' | 'queued';
  reason?: string;
  mailboxId?: string;
  /** ms before the newest */
  age?: number;
  isReceived?: boolean;
  sessionId?: string;
}

/** A console with mail in its list; with `graph`, one that may read what is in the mailboxes. */
async function setup(mail: readonly Mail[], { isOn = true } = {}) {
  const graph = await smallGraph();
  let clients: ReturnType<typeof graph.clients> | undefined;
  const bundle = await consoleBundle(
    isOn
      ? {
          graph: (redis) => {
            clients = graph.clients(redis);
            return clients;
          },
        }
      : {},
  );
  for (const { id, state, reason, mailboxId = MAILBOX, age = 0, isReceived, sessionId } of mail) {
    const [key, receivedAt] = [keyOf(id, mailboxId), AT - age];
    await bundle.lookup.add([
      {
        key,
        mailboxId,
        receivedAt,
        isReceived,
        internetMessageId: null,
        sender: null,
        subject: null,
        isSkipped: state === 'skipped',
      },
    ]);
    await bundle.ledger.record([
      { key, state, at: AT, sessionId: sessionId ?? null, receivedAt, ...(reason && { reason }) },
    ]);
    if (state === 'dead') await failJob(bundle.redis, bundle.inbound, key, reason ?? 'a', AT);
  }
  return {
    ...bundle,
    graph,
    has(mailboxId: string, ids: readonly string[], at = AT) {
      const receivedDateTime = new Date(at).toISOString();
      const before = graph.mail.get(mailboxId) ?? [];
      const more = ids.map((id) => aGraphMessage({ id, receivedDateTime }));
      graph.mail.set(mailboxId, [...before, ...more]);
    },
    async act(action: string, body: object): Promise<Operation> {
      return (await bundle.api('POST', `/messages/${action}`, body)).body as unknown as Operation;
    },
    async statesOf(...ids: string[]) {
      return (await bundle.ledger.known(ids.map((id) => keyOf(id)))).map((one) => one?.state);
    },
    async [Symbol.asyncDispose]() {
      await bundle[Symbol.asyncDispose]();
      await clients?.close();
      await graph[Symbol.asyncDispose]();
    },
  };
}

const really = { dryRun: false, reason: 'the rule was wrong' };

describe('all mail of a filter', () => {
  test('that was skipped is said first and then read again, once; what is wrong with one keeps no other', async () => {
    const ruled = { state: 'skipped', reason: 'rule_sender' } as const;
    await using bundle = await setup([
      ...['a', 'b', 'c'].map((id, n) => ({ id, ...ruled, age: n * 60_000, sessionId: 'night' })),
      { id: 'gone', ...ruled },
      { id: 'odd', ...ruled, isReceived: false },
      { id: 'later', ...ruled },
      { id: 'theirs', state: 'skipped', reason: 'rule_size' },
      { id: 'd', state: 'delivered' },
      { id: 'x', ...ruled, mailboxId: OTHER },
    ]);
    for (const [n, id] of ['a', 'b', 'c'].entries()) bundle.has(MAILBOX, [id], AT - n * 60_000);
    bundle.has(MAILBOX, ['theirs', 'd', 'later']);
    const filter = { mailboxId: MAILBOX, ...ruled };
    const asked = { filter, perSecond: 1_000 };
    expect(await bundle.act('put-back', asked)).toMatchObject({
      dryRun: true,
      matched: 6,
      reasons: [{ reason: 'rule_sender', count: 6 }],
      samples: expect.arrayContaining([expect.objectContaining({ key: keyOf('a') })]),
    });
    expect(await bundle.inbound.getWaitingCount()).toBe(0);

    const begun = await bundle.act('put-back', { ...asked, ...really });
    // Once it was looked at somebody is faster with one, and one more comes to fit: neither is what was asked for.
    const workOf: typeof bundle.workOf = (operation) => {
      const work = bundle.workOf(operation) as Work;
      return {
        ...work,
        act: async (...given) => {
          await bundle.ledger.record([{ key: keyOf('later'), state: 'delivered', at: AT + 1 }]);
          return work.act(...given);
        },
      };
    };
    bundle.clock.at += 60_000;
    await bundle.ledger.record([
      { key: keyOf('new'), state: 'skipped', at: bundle.clock.at, reason: 'rule_sender' },
    ]);
    await using _ = startOperations(bundle, { workOf });
    expect(await ended(bundle, begun)).toMatchObject({
      status: 'done',
      by: 'admins',
      matched: 6,
      done: 3,
      gone: 1,
      failed: 2,
      failures: { not_in_mailbox: 1, no_time_received: 1 },
      mail: filter,
    });
    const jobs = await bundle.inbound.getJobs(['waiting', 'prioritized']);
    const messages = jobs.map(({ data }) => IngestMessage.parse(data));
    expect(messages.map(({ messageId }) => messageId).toSorted()).toEqual(['a', 'b', 'c']);
    expect(messages[0]).toMatchObject({
      sessionId: 'night',
      source: 'backfill',
      overruled: true,
    });
    expect(await bundle.statesOf('a', 'b', 'c', 'gone', 'odd', 'theirs', 'd')).toEqual([
      ...Array.from({ length: 3 }, () => 'queued'),
      ...Array.from({ length: 3 }, () => 'skipped'),
      'delivered',
    ]);
    // Once more there is little left to do, and nothing is done twice.
    const again = await ended(bundle, await bundle.act('put-back', { ...asked, ...really }));
    expect(again).toMatchObject({ matched: 2, done: 0, failed: 2 });
    const lines = await bundle.operators.list();
    expect(lines.at(-1)).toMatchObject({
      action: 'POST /messages/put-back',
      subject: 'admins',
      detail: { input: { filter } },
    });
    expect(bundle.errors).toEqual([]);
  });

  test('that was delivered goes out again under its key, and is delivered all the while', async () => {
    await using bundle = await setup([{ id: 'a', state: 'delivered' }]);
    bundle.has(MAILBOX, ['a']);
    await using _ = startOperations(bundle);
    const asked = { filter: { state: 'delivered' }, ...really };
    expect(await ended(bundle, await bundle.act('put-back', asked))).toMatchObject({ done: 1 });
    const job = await bundle.inbound.getJob(jobIdOf(keyOf('a')));
    expect([job?.name, job?.data]).toMatchObject([JOBS.ingestMessage, { messageId: 'a' }]);
    expect(job?.data).not.toHaveProperty('overruled');
    expect(await bundle.statesOf('a')).toEqual(['delivered']);
  });

  test('that is dead runs again, or is discarded, where it died; the rest of the letters stay', async () => {
    await using bundle = await setup([
      { id: 'a', state: 'dead', reason: 'ms4_500' },
      { id: 'b', state: 'dead', reason: 'ms4_500', mailboxId: OTHER },
      { id: 'c', state: 'dead', reason: 'ms4_413' },
      { id: 'lost', state: 'dead', reason: 'ms4_413' },
    ]);
    await using _ = startOperations(bundle);
    await bundle.inbound.remove(jobIdOf(keyOf('lost')));
    const replay = { filter: { state: 'dead', reason: 'ms4_500', mailboxId: MAILBOX }, ...really };
    expect(await ended(bundle, await bundle.act('replay', replay))).toMatchObject({
      matched: 1,
      done: 1,
    });
    const discard = { filter: { state: 'dead', reason: 'ms4_413' }, ...really };
    expect(await ended(bundle, await bundle.act('discard', discard))).toMatchObject({
      done: 1,
      failures: { no_letter: 1 },
    });
    expect(await bundle.statesOf('a', 'c')).toEqual(['queued', 'dead']);
    expect((await bundle.inbound.getFailed()).map(({ id }) => id)).toEqual([
      jobIdOf(keyOf('b', OTHER)),
    ]);
    // What was discarded stays so.
    const all = await bundle.act('replay', { filter: { state: 'dead' } });
    expect(all.matched).toBe(2);
  });

  describe('whose mailbox is throttled', () => {
    const skipped = { state: 'skipped', reason: 'rule_sender' } as const;
    const asked = { filter: skipped, perSecond: 1_000, ...really };

    async function throttled() {
      const bundle = await setup([
        { id: 'a', ...skipped },
        { id: 'b', ...skipped, age: 60_000 },
      ]);
      bundle.has(MAILBOX, ['a']);
      bundle.has(MAILBOX, ['b'], AT - 60_000);
      bundle.graph.refuse(429, 'ApplicationThrottled');
      const begun = await bundle.act('put-back', asked);
      const look = async () =>
        (await bundle.api('GET', `/operations/${begun.id}`)).body as unknown as Operation;
      const waits = () =>
        until(async () => (await look()).later === 2, { what: 'both wait for their mailbox' });
      const over = () =>
        until(
          async () => {
            bundle.clock.at += 60_000;
            const operation = await look();
            return operation.status !== 'running' && operation;
          },
          { what: 'the operation has ended' },
        );
      return { bundle, begun, waits, over };
    }

    test('is put back when that is over, by another console too', async () => {
      const { waits, over, ...opened } = await throttled();
      await using bundle = opened.bundle;
      const first = startOperations(bundle);
      await waits();
      await first[Symbol.asyncDispose]();
      bundle.graph.serve();
      await using _ = startOperations(bundle);
      expect(await over()).toMatchObject({ status: 'done', done: 2, failed: 0, later: 0 });
      expect(await bundle.inbound.getJobCountByTypes('waiting', 'prioritized')).toBe(2);
      expect(bundle.errors).toEqual([]);
    });

    test('control: fails at once where nothing is kept for later', async () => {
      const { over, ...opened } = await throttled();
      await using bundle = opened.bundle;
      const workOf: typeof bundle.workOf = (operation) => {
        const work = bundle.workOf(operation) as Work;
        const act: Work['act'] = async (...given) => {
          const came = await work.act(...given);
          return came.map((one) =>
            typeof one === 'string' ? one : (`failed:${one.later}` as const),
          );
        };
        return { ...work, act };
      };
      await using _ = startOperations(bundle, { workOf });
      const failures = { graph_throttled: 2 };
      expect(await over()).toMatchObject({ status: 'done', done: 0, failures, later: 0 });
    });

    test('waits no more once it was stopped', async () => {
      const { begun, waits, ...opened } = await throttled();
      await using bundle = opened.bundle;
      await using _ = startOperations(bundle);
      await waits();
      await bundle.api('POST', `/operations/${begun.id}/cancel`);
      expect(await ended(bundle, begun)).toMatchObject({ status: 'cancelled', done: 0, later: 0 });
      expect(await bundle.redis.keys('*operation:later*')).toEqual([]);
    });
  });

  test.each([
    ['put-back', { state: 'skipped' }, {}, 409],
    ['put-back', { state: 'dead' }, {}, 400],
    ['put-back', {}, {}, 400],
    ['replay', { state: 'delivered' }, {}, 400],
    ['replay', {}, {}, 400],
    ['discard', { state: 'dead' }, { dryRun: false }, 400],
    ['replay', { state: 'dead' }, { perSecond: 0 }, 400],
  ])('%s of %j %j is refused where nobody has the right, or knows what', async (...asked) => {
    const [action, filter, rest, status] = asked;
    await using bundle = await setup([], { isOn: false });
    const answer = await bundle.api('POST', `/messages/${action}`, { filter, ...rest });
    expect(answer.status).toBe(status);
  });
});

describe('an operation', () => {
  const LETTERS = Array.from({ length: 12 }, (_, n) => ({
    id: `m${n}`,
    state: 'dead' as const,
    reason: 'a',
    age: n * 1_000,
  }));
  const asked = { filter: { state: 'dead' }, perSecond: 30, ...really };

  /** Whoever works it off is never heard of again in its second slice, and another takes over. */
  async function takeOver(keepsInHand: boolean) {
    const bundle = await setup(LETTERS);
    const begun = await bundle.act('replay', asked);
    const dead = new AbortController();
    const reached = Promise.withResolvers<void>();
    const take = bundle.operations.take.bind(bundle.operations);
    const operations = {
      running: () => bundle.operations.running(),
      get: (id: string) => bundle.operations.get(id),
      end: (...args: Parameters<typeof bundle.operations.end>) => bundle.operations.end(...args),
      progress: (...args: Parameters<typeof bundle.operations.progress>) =>
        bundle.operations.progress(...args),
      postponed: (id: string, count: number) => bundle.operations.postponed(id, count),
      take: (id: string, inHand: readonly unknown[], position: unknown) =>
        take(id, keepsInHand ? inHand : [], position),
    };
    let slices = 0;
    const first = startOperations(bundle, {
      operations,
      workOf: (operation) => {
        const work = bundle.workOf(operation) as Work;
        return {
          ...work,
          async act(items, how) {
            slices += 1;
            if (slices !== 2) return work.act(items, how);
            // As one that is killed after the ledger was told.
            await bundle.ledger.reopen((items as { key: string }[]).map(({ key }) => key));
            reached.resolve();
            return new Promise((_, reject) => {
              dead.signal.addEventListener('abort', () => reject(dead.signal.reason as Error));
            });
          },
        };
      },
      lease: () => bundle.leases.acquire('first', 30_000),
    });
    await reached.promise;
    const second = startOperations(bundle);
    const operation = await ended(bundle, begun);
    await second[Symbol.asyncDispose]();
    dead.abort();
    await first[Symbol.asyncDispose]();
    const [failed, waiting] = [
      await bundle.inbound.getFailedCount(),
      await bundle.inbound.getWaitingCount(),
    ];
    await bundle[Symbol.asyncDispose]();
    return { operation, failed, waiting };
  }

  test('that was interrupted is done by another to its end, each message once', async () => {
    expect(await takeOver(true)).toMatchObject({
      operation: { status: 'done', matched: 12, done: 12, gone: 0, failed: 0 },
      failed: 0,
      waiting: 12,
    });
  });

  test('control: without what was in hand, what was half done stays so', async () => {
    expect(await takeOver(false)).toMatchObject({ operation: { done: 9 }, failed: 3 });
  });

  test('that takes long keeps no other waiting, is listed, and ends when somebody says so', async () => {
    await using bundle = await setup(LETTERS);
    await using _ = startOperations(bundle);
    const slow = await bundle.act('replay', { ...asked, perSecond: 1 });
    const quick = await bundle.act('discard', { ...asked, perSecond: 1_000 });
    expect(await ended(bundle, quick)).toMatchObject({ status: 'done' });
    const { body } = await bundle.api('GET', '/operations');
    expect(body).toMatchObject([{ id: slow.id, status: 'running' }]);
    await bundle.api('POST', `/operations/${slow.id}/cancel`);
    expect(await ended(bundle, slow)).toMatchObject({ status: 'cancelled' });
  });
});
