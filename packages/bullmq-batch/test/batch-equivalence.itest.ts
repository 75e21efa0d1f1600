import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import { type Job, UnrecoverableError, Worker } from 'bullmq';

import { type BatchBundle, batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

/** Jobs of every fate: what each does is decided by its name. */
const JOBS = [
  { name: 'done', opts: {} },
  { name: 'nothing', opts: {} },
  { name: 'done', opts: { priority: 3 } },
  { name: 'done', opts: { delay: 30 } },
  { name: 'done', opts: { removeOnComplete: true } },
  { name: 'fails', opts: { attempts: 1 } },
  { name: 'fails', opts: { attempts: 3 } },
  { name: 'fails', opts: { attempts: 2, backoff: { type: 'fixed', delay: 20 } } },
  { name: 'fails', opts: { attempts: 2, removeOnFail: true } },
  { name: 'recovers', opts: { attempts: 3, backoff: 10 } },
  { name: 'never', opts: { attempts: 5 } },
  { name: 'progress', opts: {} },
].map(({ name, opts }, i) => ({ name, data: { i }, opts: { ...opts, jobId: `j-${i}` } }));

async function fate(job: Job): Promise<unknown> {
  switch (job.name) {
    case 'done':
      return { ok: job.id };
    case 'fails':
      throw new Error('no');
    case 'recovers':
      if (job.attemptsMade === 0) throw new Error('not yet');
      return 'late';
    case 'never':
      throw new UnrecoverableError('never');
    case 'progress':
      await job.updateProgress(50);
      await job.log('half');
      return 'done';
    default:
      return undefined;
  }
}

/** Everything about the jobs that anybody can see afterwards, but times and the insides of stack traces. */
async function traces(bundle: BatchBundle): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const {
    opts: { jobId },
  } of JOBS) {
    const hash = await bundle.redis.hgetall(bundle.queue.toKey(jobId));
    const { stacktrace, timestamp, processedOn, finishedOn, ...fields } = hash;
    const times = [timestamp, processedOn, finishedOn].map((time) => typeof time);
    const stacks = (JSON.parse(stacktrace ?? '[]') as string[]).length;
    const keys = await bundle.redis.keys(`${bundle.queue.toKey(jobId)}:*`);
    seen[jobId] = {
      fields,
      times,
      stacks,
      keys: new Set(keys.map((key) => key.split(':').at(-1))),
      events: [],
    };
  }
  const events = await bundle.redis.xrange(bundle.queue.toKey('events'), '-', '+');
  for (const [, flat] of events) {
    const event = Object.fromEntries(
      Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k], flat[2 * k + 1]]),
    );
    const { jobId = '', delay: _delay, ...what } = event as Record<string, string>;
    (seen[jobId] as { events: unknown[] } | undefined)?.events.push(what);
  }
  seen['counts'] = await bundle.counts();
  seen['metrics'] = [
    (await bundle.queue.getMetrics('completed')).meta.count,
    (await bundle.queue.getMetrics('failed')).meta.count,
  ];
  return seen;
}

/** Runs the jobs with a worker and collects, of its own events too, what can be seen. */
async function runAll(bundle: BatchBundle, create: () => Worker): Promise<Record<string, unknown>> {
  const said: Record<string, string[]> = {};
  await bundle.queue.addBulk(JOBS);
  const worker = create();
  for (const name of ['active', 'completed', 'failed'] as const) {
    worker.on(name, (job: Job | undefined) => {
      (said[job?.id ?? ''] ??= []).push(`${name} ${job?.attemptsMade}`);
    });
  }
  await until(
    async () => {
      const { waiting, active, delayed } = await bundle.counts();
      const prioritized = await bundle.queue.getPrioritizedCount();
      return waiting + active + delayed + prioritized === 0;
    },
    { what: 'all jobs are final' },
  );
  await worker.close();
  return { ...(await traces(bundle)), said };
}

const OPTIONS = { metrics: { maxDataPoints: 5 }, removeOnFail: { age: 3_600 }, name: 'w1' };

describe.each(DRIVERS)('a job cannot tell which worker ran it (%s)', (driver) => {
  test.each([1, 10])(
    "hashes, keys, events, counts and metrics are those of BullMQ's Worker (batches of %i)",
    async (size) => {
      await using theirs = await batchBundle(server.get(), driver);
      await using ours = await batchBundle(server.get(), driver);
      const expected = await runAll(theirs, () => {
        const base = { connection: theirs.connection, prefix: theirs.prefix };
        const worker = new Worker('jobs', fate, { ...base, ...OPTIONS, drainDelay: 1 });
        worker.on('error', () => undefined);
        return worker;
      });
      const actual = await runAll(
        ours,
        () =>
          ours.worker(
            async ({ entries }) => {
              for (const entry of entries) {
                await fate(entry.job as unknown as Job).then(
                  (value) => entry.complete(value),
                  (error: Error) => entry.fail(error),
                );
              }
            },
            { ...OPTIONS, batch: { size } },
          ) as Worker,
      );
      expect(actual).toEqual(expected);
    },
  );
});
