import { once } from 'node:events';
import { describe, expect, jest, test } from '@jest/globals';
import { type IngestMessage, JOBS, type LedgerEntry, messageKey, QUEUES } from '@ms1/contracts';
import { aLedgerEntry, aMessage, openRedis, until } from '@ms1/testkit';
import { askOnce } from '../src/ask-once.ts';
import { createQueue } from '../src/create-queue.ts';
import { createWorker, type TakenJob } from '../src/create-worker.ts';
import { type InboundLedger, InboundProducer } from '../src/inbound-producer.ts';
import { CancelError, SnoozeError } from '../src/outcome.ts';
import { runWorker } from '../src/run-worker.ts';
import { syncSchedulers } from '../src/sync-schedulers.ts';

async function setup() {
  const opened = await openRedis();
  const { server, redis: connection } = opened;
  const prefix = '{test}';
  const inbound = createQueue<IngestMessage>(QUEUES.inbound, { connection, prefix });
  const polling = createQueue(QUEUES.polling, { connection, prefix });
  const stop = new AbortController();
  const tasks: Promise<void>[] = [];
  const work = (process: (job: TakenJob) => Promise<void>) => {
    const worker = createWorker({
      queue: QUEUES.polling,
      connection,
      prefix,
      concurrency: 1,
      process,
    });
    tasks.push(runWorker(worker, connection)(stop.signal));
    return worker;
  };
  return {
    server,
    connection,
    prefix,
    inbound,
    polling,
    work,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(tasks);
      await opened[Symbol.asyncDispose]();
    },
  };
}

const message = (messageId: string) => aMessage(1, { messageId });

/** A ledger in memory with the real one's promise: what was recorded is known. */
function memoryLedger() {
  const states = new Map<string, LedgerEntry>();
  const ledger: InboundLedger = {
    known: async (keys) => keys.map((key) => states.get(key) ?? null),
    record: async (changes) => {
      for (const { key, receivedAt = null, ...change } of changes) {
        states.set(key, aLedgerEntry({ receivedAt, ...change }));
      }
    },
    async revive(keys) {
      return keys.map((key) => {
        const entry = states.get(key);
        if (entry?.state !== 'skipped') return false;
        states.set(key, { ...entry, state: 'queued', reason: null });
        return true;
      });
    },
  };
  return { states, ledger };
}

describe('InboundProducer', () => {
  test('makes one job of a message that is noticed three times, also within one call', async () => {
    await using bundle = await setup();
    const { ledger } = memoryLedger();
    const producer = new InboundProducer({ queues: [bundle.inbound], ledger });
    expect(await producer.notice([message('a'), message('b'), message('a')])).toMatchObject({
      added: 2,
      known: 0,
    });
    expect(await producer.notice([message('b'), message('c')])).toMatchObject({
      added: 1,
      known: 1,
    });
    expect(await bundle.inbound.getWaitingCount()).toBe(3);
  });

  test('does not queue again what is done and gone from the queue; control: without a ledger it does', async () => {
    await using bundle = await setup();
    const noticedTwice = async (ledger: InboundLedger): Promise<number> => {
      const producer = new InboundProducer({ queues: [bundle.inbound], ledger });
      await producer.notice([message('a')]);
      await bundle.inbound.drain();
      await producer.notice([message('a')]);
      return bundle.inbound.getWaitingCount();
    };
    const { ledger } = memoryLedger();
    expect(await noticedTwice(ledger)).toBe(0);
    const nothing = async (keys: readonly string[]) => keys.map(() => null);
    expect(await noticedTwice({ ...ledger, known: nothing })).toBe(1);
  });

  test('control: without the id that follows from the message, each notice is a job', async () => {
    await using bundle = await setup();
    for (let copy = 0; copy < 3; copy += 1) {
      await bundle.inbound.add(JOBS.ingestMessage, message('a'));
    }
    expect(await bundle.inbound.getWaitingCount()).toBe(3);
  });

  test('tells the ledger when a session finds what was queued before it, without a second job', async () => {
    await using bundle = await setup();
    const { ledger, states } = memoryLedger();
    const producer = new InboundProducer({ queues: [bundle.inbound], ledger });
    await producer.notice([message('a')]);
    await producer.notice([{ ...message('a'), sessionId: 'session-1' }]);
    expect([...states.values()]).toEqual([
      expect.objectContaining({ state: 'queued', sessionId: 'session-1' }),
    ]);
    expect(await bundle.inbound.getWaitingCount()).toBe(1);
  });

  test('mail of a mailbox that gets little goes before that of one that floods, and what a session finds does not', async () => {
    await using bundle = await setup();
    const producer = new InboundProducer({
      queues: [bundle.inbound],
      ledger: memoryLedger().ledger,
    });
    const mail = (mailboxId: string, count: number, source: 'poll' | 'backfill' = 'poll') =>
      Array.from({ length: count }, (_, n) =>
        aMessage(n, { mailboxId, messageId: `${mailboxId}-${n}`, source }),
      );
    await producer.notice(mail('flood', 300));
    await producer.notice(mail('backfill', 3, 'backfill'));
    await producer.notice([...mail('small', 2), ...mail('other', 1)]);
    // What gets many a few at a time floods too.
    for (const one of mail('trickle', 30)) await producer.notice([one]);
    const taken: string[] = [];
    const all = (await bundle.connection.lrange(bundle.inbound.toKey('wait'), 0, -1)).toReversed();
    for (const id of all) {
      const job = await bundle.inbound.getJob(id);
      taken.push(String(job?.data.mailboxId));
    }
    const last = (mailboxId: string) => taken.lastIndexOf(mailboxId);
    expect(taken.slice(0, 23).toSorted()).toEqual(
      [...Array<string>(20).fill('trickle'), 'small', 'small', 'other'].toSorted(),
    );
    expect(taken.slice(23, 323)).toEqual(Array<string>(300).fill('flood'));
    expect([last('backfill'), last('trickle')]).toEqual([325, 335]);
  });

  test('a crash between queue and ledger is healed by the next notice, with one job', async () => {
    await using bundle = await setup();
    const { ledger, states } = memoryLedger();
    const crashing = new InboundProducer({
      queues: [bundle.inbound],
      ledger: { ...ledger, record: () => Promise.reject(new Error('killed here')) },
    });
    await expect(crashing.notice([message('a')])).rejects.toThrow('killed here');
    expect(states.size).toBe(0);
    const producer = new InboundProducer({ queues: [bundle.inbound], ledger });
    await producer.notice([message('a')]);
    expect(states.size).toBe(1);
    expect(await bundle.inbound.getWaitingCount()).toBe(1);
  });
});

describe('a message that was skipped and is noticed again', () => {
  const [key, other] = ['a', 'b'].map((id) => messageKey(message(id)));

  test.each(['source_deleted', 'mailbox_removed'])('runs again after %s, once', async (reason) => {
    await using bundle = await setup();
    const { ledger, states } = memoryLedger();
    const producer = new InboundProducer({ queues: [bundle.inbound], ledger });
    states.set(key ?? '', aLedgerEntry({ state: 'skipped', reason, sessionId: 's-1' }));
    expect(await producer.notice([message('a'), message('b')])).toMatchObject({
      added: 2,
      known: 0,
    });
    expect(await producer.notice([message('a'), message('b')])).toMatchObject({
      added: 0,
      known: 2,
    });
    expect(states.get(key ?? '')).toMatchObject({ state: 'queued', sessionId: 's-1' });
    expect(states.get(other ?? '')).toMatchObject({ state: 'queued' });
    expect(await bundle.inbound.getWaitingCount()).toBe(2);
  });

  test('is left alone where a rule has declined it, until somebody asks for it', async () => {
    await using bundle = await setup();
    const { ledger, states } = memoryLedger();
    const producer = new InboundProducer({ queues: [bundle.inbound], ledger });
    states.set(
      key ?? '',
      aLedgerEntry({ state: 'skipped', reason: 'rule_sender', sessionId: null }),
    );
    expect(await producer.notice([message('a')])).toMatchObject({ added: 0, known: 1 });
    expect(await bundle.inbound.getWaitingCount()).toBe(0);
    await producer.putBack([message('a')]);
    expect(states.get(key ?? '')?.state).toBe('queued');
    expect(await bundle.inbound.getWaitingCount()).toBe(1);
  });

  test('has a job also where it was skipped once more before the ledger heard of it', async () => {
    await using bundle = await setup();
    const { ledger, states } = memoryLedger();
    states.set(
      key ?? '',
      aLedgerEntry({ state: 'skipped', reason: 'mailbox_removed', sessionId: null }),
    );
    const revive: InboundLedger['revive'] = async (keys) => {
      // A processor that has not heard yet that the mailbox is there again: what it records changes nothing.
      await bundle.inbound.drain();
      return ledger.revive(keys);
    };
    const producer = new InboundProducer({
      queues: [bundle.inbound],
      ledger: { ...ledger, revive },
    });
    await producer.notice([message('a')]);
    expect(states.get(key ?? '')?.state).toBe('queued');
    expect(await bundle.inbound.getWaitingCount()).toBe(1);
  });
});

describe('createWorker', () => {
  test('snoozes without using an attempt, however often', async () => {
    await using bundle = await setup();
    const job = await bundle.polling.add('poll-folder', {}, { attempts: 1 });
    let runs = 0;
    const worker = bundle.work(async () => {
      runs += 1;
      if (runs < 20) throw new SnoozeError(10, 'throttled');
    });
    await once(worker, 'completed', { signal: AbortSignal.timeout(10_000) });
    expect(runs).toBe(20);
    expect(await job.getState()).not.toBe('failed');
  });

  test('never runs again what is cancelled, though attempts are left', async () => {
    await using bundle = await setup();
    const job = await bundle.polling.add('poll-folder', {}, { attempts: 5 });
    const worker = bundle.work(async () => {
      throw new CancelError('unparsable');
    });
    await once(worker, 'failed', { signal: AbortSignal.timeout(10_000) });
    expect(await job.getState()).toBe('failed');
  });
});

describe('a worker that Redis refuses a job', () => {
  test('asks once a second, and takes it when Redis is well', async () => {
    await using bundle = await setup();
    await bundle.polling.add('x', {});
    await bundle.connection.config('SET', 'maxmemory', '1');
    const refusedAt: number[] = [];
    const done: string[] = [];
    const worker = bundle.work(async ({ name }) => void done.push(name));
    worker.on('error', () => refusedAt.push(performance.now()));
    await until(() => refusedAt.length > 3, { what: 'three pauses' });
    expect((refusedAt[3] ?? 0) - (refusedAt[0] ?? 0)).toBeGreaterThan(2_900);
    await bundle.connection.config('SET', 'maxmemory', '0');
    await until(() => done.length === 1, { what: 'the job is done' });
  });
});

const A_SCHEDULE = { id: 'a', everyMs: 1_000, name: 'poll-folder', data: { v: 1 } };

describe('syncSchedulers', () => {
  test('goes on ticking after a tick whose data cannot be read', async () => {
    await using bundle = await setup();
    await syncSchedulers(bundle.polling, [{ ...schedule('a'), everyMs: 1_000 }]);
    for (const { id } of await bundle.polling.getJobs(['delayed', 'waiting'])) {
      await bundle.connection.hset(bundle.polling.toKey(String(id)), 'data', '{"id":');
    }
    const seen: unknown[] = [];
    bundle.work(async ({ data }) => {
      seen.push(data);
      if ((data as { id?: unknown }).id === undefined) throw new CancelError('payload_invalid');
    });
    await until(() => seen.some((data) => (data as { id?: unknown }).id === 'a'), {
      what: 'a tick that can be read',
    });
    expect(seen[0]).toEqual({});
  });

  const schedule = (id: string) => ({ id, everyMs: 1_000, name: 'poll-folder', data: { id } });

  test('keeps exactly the wanted schedulers, however often it runs', async () => {
    await using bundle = await setup();
    await syncSchedulers(bundle.polling, [schedule('a'), schedule('b')]);
    await Promise.all([
      syncSchedulers(bundle.polling, [schedule('b'), schedule('c')]),
      syncSchedulers(bundle.polling, [schedule('b'), schedule('c')]),
    ]);
    const keys = (await bundle.polling.getJobSchedulers()).map(({ key }) => key);
    expect(keys.toSorted()).toEqual(['b', 'c']);
  });

  test('a scheduler that is as it should be keeps its waiting job where it is, for a bounded number of commands', async () => {
    await using bundle = await setup();
    const wanted = Array.from({ length: 300 }, (_, index) => schedule(`s${index}`));
    await syncSchedulers(bundle.polling, wanted);
    const due = (await bundle.polling.getDelayed()).map(({ id }) => Number(id?.split(':').at(-1)));
    // By hash over the interval: of 300 there are some in each tenth of it.
    const tenths = new Set(due.map((ms) => Math.floor((ms % 1_000) / 100)));
    expect(tenths.size).toBe(10);
    const before = await bundle.polling.getWaiting();
    expect(before.map(({ id }) => id)).toContain('first-s0');
    await bundle.connection.config('RESETSTAT');
    await syncSchedulers(bundle.polling, wanted);
    const stats = await bundle.connection.info('commandstats');
    expect(stats).toContain('cmdstat_eval:calls=1,');
    expect(stats).not.toContain('cmdstat_evalsha');
    // Another interval is another schedule, and what is wanted no longer goes.
    await syncSchedulers(bundle.polling, [{ ...schedule('s0'), everyMs: 2_000 }]);
    expect(await bundle.polling.getJobSchedulers()).toMatchObject([{ key: 's0', every: 2_000 }]);
  });

  test('makes a scheduler tick again whose pending iteration was lost', async () => {
    await using bundle = await setup();
    await syncSchedulers(bundle.polling, [schedule('a')]);
    const ids = (await bundle.polling.getJobs(['delayed', 'waiting'])).map(({ id }) => id);
    for (const id of ids) {
      await bundle.connection.del(`${bundle.prefix}:polling:${id}`);
      await bundle.connection.zrem(`${bundle.prefix}:polling:delayed`, String(id));
      await bundle.connection.lrem(`${bundle.prefix}:polling:wait`, 0, String(id));
    }
    expect(await bundle.polling.getJobs(['delayed', 'waiting'])).toEqual([]);
    // The hashes of jobs that are in no list are no sign of life.
    for (const id of ids) {
      await bundle.connection.hset(`${bundle.prefix}:polling:${id}`, 'name', 'x');
    }
    await syncSchedulers(bundle.polling, [schedule('a')]);
    let ticks = 0;
    bundle.work(async () => {
      ticks += 1;
    });
    await until(() => ticks > 0, { what: 'the scheduler ticks' });
  });
});

describe('a schedule that Redis has forgotten', () => {
  test('ticks again once it is looked after; control: of itself it ends with what was planned', async () => {
    await using bundle = await setup();
    await syncSchedulers(bundle.polling, [A_SCHEDULE]);
    const records = await bundle.connection.keys(`${bundle.prefix}:polling:repeat*`);
    await bundle.connection.del(...records.filter((key) => !/:\d+$/.test(key)));
    let ticks = 0;
    bundle.work(async () => {
      ticks += 1;
    });
    // A living one plans the next tick with the one that it takes.
    const planned = () => bundle.polling.getJobs(['delayed', 'waiting', 'prioritized', 'active']);
    await until(async () => (await planned()).length === 0, { what: 'it has ended' });
    const before = ticks;
    expect(before).toBeGreaterThan(0);
    await syncSchedulers(bundle.polling, [A_SCHEDULE]);
    await until(() => ticks > before + 1, { what: 'it ticks again' });
  });
});

describe('a schedule that was planned by a clock that was ahead', () => {
  test('ticks by the clock as it is; control: upserted as BullMQ does it, it stays minutes away', async () => {
    await using bundle = await setup();
    const ahead = Date.now() + 300_000;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(ahead);
    await syncSchedulers(bundle.polling, [A_SCHEDULE]);
    clock.mockRestore();
    await bundle.polling.remove('first-a');
    const scheduler = async () => (await bundle.polling.getJobSchedulers())[0];
    const next = async () => (await scheduler())?.next;
    expect(await next()).toBeGreaterThan(ahead);
    // Nobody else would take it before its time.
    const { id, everyMs, name, data } = A_SCHEDULE;
    const every = { every: everyMs, offset: (await scheduler())?.offset ?? 0 };
    await bundle.polling.upsertJobScheduler(id, every, { name, data });
    expect(await next()).toBeGreaterThan(ahead - 60_000);
    await syncSchedulers(bundle.polling, [A_SCHEDULE]);
    expect(await next()).toBeLessThan(Date.now() + 60_000);
    let ticks = 0;
    bundle.work(async () => {
      ticks += 1;
    });
    await until(() => ticks > 1, { what: 'it ticks' });
  });
});

describe('askOnce', () => {
  test('what is asked for while one runs is done after it, once', async () => {
    await using bundle = await setup();
    const runs: (() => void)[] = [];
    bundle.work(() => new Promise<void>((resolve) => runs.push(resolve)));
    const ask = () => bundle.polling.add('renew', { v: 1 }, askOnce('renewal'));
    await ask();
    await until(() => runs.length === 1, { what: 'the first runs' });
    await ask();
    await ask();
    runs[0]?.();
    await until(() => runs.length === 2, { what: 'what was asked meanwhile runs' });
    runs[1]?.();
    await until(async () => (await bundle.polling.getActiveCount()) === 0, { what: 'all ended' });
    expect(await bundle.polling.getJobs(['waiting', 'delayed'])).toEqual([]);
    expect(runs).toHaveLength(2);
  });
});
