import { type JobsOptions, type Queue, RedisQueueBackend } from 'bullmq';
import { Packr } from 'msgpackr';

import { addRow, isMixed } from './add-rows.ts';
import { usesScripts } from './choose-driver.ts';
import { encodeRows, type Row } from './encode-rows.ts';
import type { ScriptClient } from './script-client.ts';
import { ScriptSource } from './script-source.ts';

export interface BulkJob<T> {
  name: string;
  data: T;
  opts: JobsOptions & { jobId: string };
}

const { pack } = new Packr({ useRecords: false, encodeUndefinedAsNil: true }) as {
  pack: (value: unknown) => Buffer;
};

/**
 * Adds jobs to a queue in one run of a script: all of them or none, unless Redis stops during the run. A job costs 5 us
 * of Redis and 2 us of the client, against 15 and 13 by `queue.addBulk()` (measured, 1 KB), which it calls where
 * scripts cannot be used.
 *
 * @param lean as in `BatchOptions`
 * @returns the ids, in order
 * @throws what Redis refused, the first of it
 */
export async function addBulk<T>(
  queue: Queue<T>,
  jobs: readonly BulkJob<T>[],
  { lean = false }: { lean?: boolean } = {},
): Promise<string[]> {
  const target = queue as unknown as Queue;
  const backend = target.getBackend() as unknown;
  if (jobs.length === 0) return [];
  if (!(backend instanceof RedisQueueBackend)) return plainly(target, jobs);
  const client = (await backend.client) as unknown as ScriptClient;
  const { version } = backend as unknown as { version: string };
  if (!usesScripts('auto', version, client)) return plainly(target, jobs);

  let rows = await rowsOf(target, jobs, true);
  if (isMixed(rows)) rows = await rowsOf(target, jobs, false);
  const source = new ScriptSource(client, version);
  const { groups, args } = encodeRows(rows, (script) => source.keysOf(script), 0);
  const command = source.bulkAddCommand();
  const out = (await client.runCommand(command, [
    backend.toKey('meta'),
    pack([groups, lean]),
    ...args,
  ])) as (number | string)[];
  const refused = out.find((answer) =>
    typeof answer === 'string' ? answer.startsWith('ERR') : answer < 0,
  );
  if (refused !== undefined) throw new Error(`Redis refused a job: ${String(refused)}`);
  return jobs.map(({ opts }) => opts.jobId);
}

async function rowsOf(
  queue: Queue,
  jobs: readonly BulkJob<unknown>[],
  plain: boolean,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const job of jobs) {
    const row = addRow(queue, job, plain);
    rows.push(row instanceof Promise ? await row : row);
  }
  return rows;
}

async function plainly<T>(queue: Queue, jobs: readonly BulkJob<T>[]): Promise<string[]> {
  const added = await queue.addBulk(jobs.map((job) => ({ ...job, data: job.data as unknown })));
  return added.map(({ id }) => id ?? '');
}
