import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { BatchWorker } from '@ms1/bullmq-batch';
import { closeRedis, connectRedis } from '@ms1/redis';
import { startRedis, together, until } from '@ms1/testkit';
import type { Redis } from 'ioredis';

import { createQueue, createWorker, runWorker } from '../src/index.ts';

const QUEUE = 'polling';
const prefix = '{ms1}';

interface Taker {
  run: ReturnType<typeof runWorker>;
  isRunning: () => boolean;
  done: () => number;
  /** in the middle of the next job */
  onNext: (act: () => void) => void;
  close: () => Promise<void>;
}

type Take = (connection: Redis) => Taker;

function singleTaker(connection: Redis, concurrency = 2): Taker {
  let done = 0;
  let act = (): void => undefined;
  const worker = createWorker({
    queue: QUEUE,
    connection,
    prefix,
    concurrency,
    process: async () => {
      act();
      done += 1;
    },
  });
  const run = runWorker(worker, connection);
  return {
    run,
    isRunning: () => worker.isRunning(),
    done: () => done,
    onNext: (next) => {
      act = next;
    },
    close: () => worker.close(),
  };
}

function batchTaker(connection: Redis): Taker {
  let done = 0;
  let act = (): void => undefined;
  const worker = new BatchWorker(
    QUEUE,
    async ({ entries }) => {
      act();
      for (const entry of entries) entry.complete();
      done += entries.length;
    },
    { connection, prefix, autorun: false, batch: { size: 10 } },
  );
  worker.on('error', () => undefined);
  const run = runWorker(worker, connection);
  return {
    run,
    isRunning: () => worker.isRunning(),
    done: () => done,
    onNext: (next) => {
      act = next;
    },
    close: () => worker.close(),
  };
}

const oneTaker = (connection: Redis): Taker => singleTaker(connection, 1);

async function setup(take: (connection: Redis) => Taker, lost: (connection: Redis) => LostAnswers) {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startRedis());
  const open = async () =>
    stack.adopt(
      (await connectRedis({ url: server.url, role: 'worker', name: 'test' })) as Redis,
      (redis) => closeRedis(redis),
    );
  const queue = stack.adopt(createQueue(QUEUE, { connection: await open(), prefix }), (opened) =>
    opened.close(),
  );
  const connection = await open();
  const answers = lost(connection);
  const taker = take(connection);
  const stop = new AbortController();
  const task = taker.run(stop.signal);
  let failure: unknown = null;
  const ended = task.catch((error: unknown) => {
    failure = error;
  });
  await queue.add('job', {});
  // Its end is written too: from here on it only looks for the next one.
  await until(async () => taker.done() === 1 && (await queue.getActiveCount()) === 0, {
    what: 'the first job is done',
  });
  const opened = stack.move();
  return {
    server,
    queue,
    taker,
    answers,
    ended,
    failure: () => failure as { code?: string } | null,
    async [Symbol.asyncDispose]() {
      stop.abort();
      answers.find();
      await ended;
      if (failure !== null) await taker.close();
      await opened.disposeAsync();
    },
  };
}

interface LostAnswers {
  lose(): void;
  /** all that were lost */
  find(): void;
}

/** From `lose` on what this command is asked does not settle, as when a client forgets a promise: all else works. */
function losing(command: string, connection: Redis): LostAnswers {
  const send = connection.sendCommand.bind(connection);
  let isLost = false;
  const found: (() => void)[] = [];
  connection.sendCommand = (sent, stream) => {
    const answered = send(sent, stream) as Promise<unknown>;
    if (!isLost || sent.name !== command) return answered;
    answered.catch(() => undefined);
    return new Promise((resolve) => found.push(() => resolve(answered)));
  };
  return {
    lose: () => {
      isLost = true;
    },
    find: () => {
      isLost = false;
      for (const find of found) find();
    },
  };
}

/** The same on the connection on which a worker blocks. */
function losingBlocked(connection: Redis): LostAnswers {
  const duplicate = connection.duplicate.bind(connection);
  const lost: LostAnswers[] = [];
  connection.duplicate = (...args) => {
    const blocking = duplicate(...args);
    lost.push(losing('bzpopmin', blocking));
    return blocking;
  };
  return {
    lose: () => {
      for (const one of lost) one.lose();
    },
    find: () => {
      for (const one of lost) one.find();
    },
  };
}

const fetches = (connection: Redis): LostAnswers => losing('evalsha', connection);

async function fetchesForEver(take: Take): Promise<void> {
  await using bundle = await setup(take, fetches);
  bundle.answers.lose();
  await until(
    async () => {
      await bundle.queue.add('job', {});
      return bundle.failure();
    },
    { what: 'it is found', timeoutMs: 90_000 },
  );
  expect(bundle.failure()).toMatchObject({ code: 'worker_stuck' });
  // What nobody would have noticed: it is called running, and what it did not take waits.
  expect(bundle.taker.isRunning()).toBe(true);
  expect(await bundle.queue.getWaitingCount()).toBeGreaterThan(0);
}

async function endsForEver(take: Take): Promise<void> {
  await using bundle = await setup(take, fetches);
  bundle.taker.onNext(() => bundle.answers.lose());
  await bundle.queue.add('job', {});
  await until(() => bundle.failure(), { what: 'it is found', timeoutMs: 120_000 });
  expect(bundle.failure()).toMatchObject({ code: 'worker_stuck' });
  expect(bundle.taker.done()).toBe(2);
}

async function looksForEver(take: Take): Promise<void> {
  await using bundle = await setup(take, losingBlocked);
  bundle.answers.lose();
  await wait(15_000);
  await bundle.queue.add('job', {});
  await until(() => bundle.taker.done() === 2, {
    what: 'the job is done',
    timeoutMs: 90_000,
  });
  expect(bundle.failure()).toBeNull();
}

async function outlivesAFreeze(take: Take): Promise<void> {
  await using bundle = await setup(take, fetches);
  await wait(35_000);
  bundle.server.process.kill('SIGSTOP');
  await wait(40_000);
  bundle.server.process.kill('SIGCONT');
  await bundle.queue.add('job', {});
  await until(() => bundle.taker.done() === 2, { what: 'it goes on' });
  expect(bundle.failure()).toBeNull();
}

const BOTH = { 'one at a time': singleTaker, batches: batchTaker };

/** The same of each of these workers. */
const of = (
  takers: Readonly<Record<string, Take>>,
  states: string,
  run: (take: Take) => Promise<void>,
) =>
  Object.entries(takers).map(
    ([name, take]) => [states.replace('%s', name), () => run(take)] as const,
  );

test(
  'a worker that waits for ever is found, and one that waits for Redis is not',
  together(
    ...of(
      BOTH,
      'a worker of %s that waits for ever for what it fetches ends its process',
      fetchesForEver,
    ),
    ...of(
      { 'one at a time, with one place': oneTaker, batches: batchTaker },
      'a worker of %s, which waits for ever until the end of what it did is written, ends its process',
      endsForEver,
    ),
    ...of(
      BOTH,
      'a worker of %s that waits for ever for a sign of new jobs looks for them all the same',
      looksForEver,
    ),
    ...of(
      BOTH,
      'a worker of %s outlives a Redis that is frozen for 40 s, and idle minutes',
      outlivesAFreeze,
    ),
  ),
  300_000,
);
