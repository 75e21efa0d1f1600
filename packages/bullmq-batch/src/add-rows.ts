import { Job, type JobsOptions, type Queue } from 'bullmq';
import { unpack } from 'msgpackr';
import type { Row } from './encode-rows.ts';
import { ADD_PLAIN, type AddScript } from './row-scripts.ts';
import { recordingTransaction } from './script-client.ts';

/** A job to be added, as callers give it. */
export interface NewJob {
  readonly name: string;
  readonly data: unknown;
  readonly opts: JobsOptions & { jobId: string };
}

/** What the rows of plain jobs with the same options have in common, as BullMQ's own builder made it. */
interface Template {
  readonly keys: readonly unknown[];
  readonly prefix: string;
  /** msgpack, with the id of another job in it */
  readonly options: unknown;
}

/** Options that change nothing about how a job is added but, of `lifo`, at which end. */
const PLAIN_OPTIONS = new Set([
  'jobId',
  'attempts',
  'backoff',
  'lifo',
  'removeOnComplete',
  'removeOnFail',
]);
/** Ids that need no escape in JSON and that BullMQ does not refuse: no integer, no `:`. */
const PLAIN_ID = /^(?!-?\d+$)[\w-]+$/;

/** By queue, then by what the caller asked for beside the id; null: not plain. */
const templates = new WeakMap<Queue, Map<string, Template | null>>();

/**
 * The row that adds a job. A plain one needs no `Job` and no msgpack: its options are those of the template, and the id is
 * put in by the script (`plain-add-lua.ts`). Every other is what `Job.addJob()` would have sent.
 *
 * @param plain `false`: never the plain way, because another job beside it needs BullMQ's, and they are to stay in order
 * @throws what BullMQ throws for options that contradict each other, and JSON.stringify for data
 */
export function addRow(queue: Queue, job: NewJob, plain = true): Row | Promise<Row> {
  const { jobId, ...rest } = job.opts;
  if (plain && PLAIN_ID.test(jobId) && hasPlainOptions(rest)) {
    const wish = JSON.stringify(rest);
    const known = templates.get(queue)?.get(wish);
    if (known) return plainRow(known, job) ?? bullmqRow(queue, job);
    if (known === undefined) return firstRow(queue, job, wish);
  }
  return bullmqRow(queue, job);
}

async function firstRow(queue: Queue, job: NewJob, wish: string): Promise<Row> {
  const row = await bullmqRow(queue, job);
  const options = { ...queue.defaultJobOptions, ...job.opts };
  const isPlain = row.script === 'addStandardJob' && hasPlainOptions(options);
  const ofQueue = templates.get(queue) ?? new Map<string, Template | null>();
  const template = isPlain ? templateOf(row) : null;
  templates.set(queue, ofQueue.set(wish, template));
  return (template && plainRow(template, job)) ?? row;
}

function templateOf({ columns }: Row): Template {
  const [packed, , options] = columns.slice(-3) as [Buffer, string, Buffer];
  const [prefix] = unpack(packed) as [string];
  return { keys: columns.slice(0, -3), prefix, options };
}

/** @returns null for data without JSON: what becomes of it is BullMQ's to say */
function plainRow({ keys, prefix, options }: Template, { name, data, opts }: NewJob): Row | null {
  const json = JSON.stringify(data === undefined ? {} : data) as string | undefined;
  if (json === undefined) return null;
  return {
    script: ADD_PLAIN,
    columns: [...keys, prefix, options, name, Date.now(), opts.jobId, json],
  };
}

async function bullmqRow(queue: Queue, { name, data, opts }: NewJob): Promise<Row> {
  const rows: Row[] = [];
  const record = recordingTransaction((script, columns) => {
    rows.push({ script: script as AddScript, columns });
  }, opts.jobId);
  const job = new Job(queue, name, data, { ...queue.defaultJobOptions, ...opts }, opts.jobId);
  await job.addJob(record, {});
  const [row] = rows;
  if (!row) throw new Error(`BullMQ adds job ${opts.jobId} by no script`);
  return row;
}

/** Asked first, so that options that differ from job to job (a delay, a time) are no templates of their own. */
function hasPlainOptions(options: object): boolean {
  return Object.keys(options).every((name) => PLAIN_OPTIONS.has(name));
}

/** Whether some of them are plain and some not: rows of different scripts do not keep their order. */
export function isMixed(rows: readonly Row[]): boolean {
  const [first] = rows;
  return rows.some(({ script }) => (script === ADD_PLAIN) !== (first?.script === ADD_PLAIN));
}
