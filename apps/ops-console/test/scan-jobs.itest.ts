import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { QUEUES } from '@ms1/contracts';
import { CancelError, createQueue, createWorker, runWorker } from '@ms1/queue';
import { openRedis } from '@ms1/testkit';

import { addScanJobs } from '../src/sessions/scan-jobs.ts';

const FOLDER = { mailboxId: '33333333-3333-4333-8333-333333333333', folderId: 'inbox' };

test('a scan that failed for good is scanned again when it is put back, and not beside one that waits', async () => {
  await using stack = new AsyncDisposableStack();
  const { redis: connection } = stack.use(await openRedis());
  const prefix = '{test}';
  const polling = createQueue(QUEUES.polling, { connection, prefix });
  const add = () => addScanJobs(polling, () => 'tenant', 'session', [FOLDER]);
  let runs = 0;
  const worker = createWorker({
    queue: QUEUES.polling,
    connection,
    prefix,
    concurrency: 1,
    async process() {
      runs += 1;
      if (runs === 1) throw new CancelError('its payload does not parse');
    },
  });
  await add();
  await add();
  expect(await polling.getWaitingCount()).toBe(1);
  const signal = AbortSignal.timeout(60_000);
  const failed = once(worker, 'failed', { signal });
  const completed = once(worker, 'completed', { signal });
  completed.catch(() => undefined);
  const stop = new AbortController();
  const running = runWorker(worker, connection)(stop.signal);
  stack.defer(async () => {
    stop.abort();
    await running;
  });
  await failed;
  await add();
  await completed;
  expect(runs).toBe(2);
});
