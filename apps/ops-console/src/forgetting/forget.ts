import { setTimeout as delay } from 'node:timers/promises';
import { keyOfJobId, type QueueName } from '@ms1/contracts';
import type { LookupIndex } from '@ms1/ledger';
import { type JobStripper, stripEvents } from '@ms1/queue';
import type { Clock } from '@ms1/runtime';

import { findJobs, type Looked } from './find-jobs.ts';
import { createNames, type Person } from './person.ts';

export interface ForgetTools {
  /** of `inbound` and `outbound`, in this order */
  strippers: readonly JobStripper[];
  index: Pick<LookupIndex, 'find' | 'remove' | 'removeSender'>;
  /** whether the index can be asked for an address: it takes LOOKUP_KEY */
  isSearchable: boolean;
  clock: Clock;
}

/** How much of a person there is or was, by where. */
interface ForgetCounts {
  /** jobs that wait or are in somebody's hands */
  inbound: number;
  outbound: number;
  deadLetters: number;
  /** lines of the queues' event streams that quote such jobs */
  events: number;
  /** entries of the lookup index */
  index: number;
}

export interface Forgotten {
  /** jobs that the last look came past */
  looked: number;
  found: ForgetCounts;
  removed: ForgetCounts;
  /** what the last look found that is there still; null when only looking */
  left: ForgetCounts | null;
  /** of what is left: in a worker's hands */
  inHand: number;
  /** of what is left: read from the mailbox again since, and on its way to MS4 */
  onTheWay: number;
  /** jobs that could not be read: what is in them is not known */
  unreadable: number;
  /** messages, by key */
  keys: ReadonlySet<string>;
}

export interface ForgetOptions {
  dryRun: boolean;
  /** ms that it goes on looking for what others have in hand; default 30 s, which is longer than a batch takes */
  waitMs?: number;
  /** ms between two looks at least; a look may take longer, and then it is as much */
  pauseMs?: number;
  onProgress?: (forgotten: Forgotten) => void;
  signal: AbortSignal;
}

const NONE: ForgetCounts = { inbound: 0, outbound: 0, deadLetters: 0, events: 0, index: 0 };
const DAY_MS = 24 * 3_600_000;

/**
 * Removes somebody's personal data from jobs, dead letters, the queues' events and the lookup index, and looks again
 * until it finds nothing or `waitMs` are over. No message is lost by it: each goes on, and what is missing is read from the
 * mailbox again. A message is stripped once; what is read again of it is on its way, and ends by itself. Ended in the middle
 * it leaves nothing half done, and may begin again.
 *
 * @throws the signal's reason
 */
export async function forget(
  { strippers, index, isSearchable, clock }: ForgetTools,
  person: Person,
  { dryRun, waitMs = 30_000, pauseMs = 500, onProgress, signal }: ForgetOptions,
): Promise<Forgotten> {
  const names = createNames(person);
  const [found, removed] = [{ ...NONE }, { ...NONE }];
  const begun = clock.now();
  const seen = new Map(strippers.map(({ queue }) => [queue.name, new Set<string>()]));
  const done = new Set<string>();
  const result: Forgotten = {
    looked: 0,
    found,
    removed,
    left: dryRun ? null : { ...NONE },
    inHand: 0,
    onTheWay: 0,
    unreadable: 0,
    keys: new Set(),
  };

  /** Strips what it finds. True: it found nothing that was there still or that it had not known. */
  const look = async (): Promise<boolean> => {
    const looked: Looked = { jobs: 0, unreadable: 0 };
    const left = { ...NONE };
    const [before, hands] = [done.size, { inHand: 0, onTheWay: 0 }];
    for (const stripper of strippers) {
      const known = seen.get(stripper.queue.name);
      for await (const { job, failed } of findJobs(stripper, names, looked)) {
        signal.throwIfAborted();
        const kind = failed
          ? 'deadLetters'
          : (stripper.queue.name as QueueName & keyof ForgetCounts);
        if (!known?.has(job.id) && !done.has(job.id)) found[kind] += 1;
        known?.add(job.id);
        if (dryRun) continue;
        const isAgain = done.has(job.id) && !failed;
        const outcome = isAgain ? 'again' : await stripper.strip(job);
        if (outcome === 'stripped') {
          removed[kind] += 1;
          done.add(job.id);
        } else if (outcome === 'again' || outcome === 'busy') {
          left[kind] += 1;
          hands[outcome === 'again' ? 'onTheWay' : 'inHand'] += 1;
        }
      }
    }
    const ids = [...seen.values()].flatMap((some) => [...some]);
    result.keys = new Set(ids.flatMap((id) => keyOfJobId(id) ?? []));
    Object.assign(result, hands, { looked: looked.jobs, unreadable: looked.unreadable });
    if (!dryRun) result.left = left;
    onProgress?.(result);
    return dryRun || (done.size === before && hands.inHand + hands.onTheWay === 0);
  };

  for (;;) {
    const began = clock.now();
    if ((await look()) || clock.now() - begun >= waitMs) break;
    await delay(Math.max(pauseMs, clock.now() - began), undefined, { signal });
  }

  for (const { queue } of strippers) {
    const ids = seen.get(queue.name) ?? new Set();
    const events = await stripEvents(queue, ids, { dryRun });
    found.events += events;
    if (!dryRun) removed.events += events;
    if (result.left) result.left.events += await stripEvents(queue, ids, { dryRun: true });
  }
  // Last: what is read again meanwhile is indexed again.
  const keys = new Set([
    ...result.keys,
    ...(isSearchable ? await indexed(index, person, clock.now()) : []),
  ]);
  result.keys = keys;
  const removeEntries = async (only: { dryRun: boolean }): Promise<number> =>
    (await index.remove(keys, only)) +
    (isSearchable && person.address !== null ? await index.removeSender(person.address, only) : 0);
  const entries = await removeEntries({ dryRun });
  found.index += entries;
  if (!dryRun) removed.index += entries;
  if (result.left) result.left.index = await removeEntries({ dryRun: true });
  return result;
}

/** Messages that the index finds by what it knows of people: whose mailbox, and who sent them. */
async function indexed(
  index: ForgetTools['index'],
  { address, mailboxIds }: Person,
  now: number,
): Promise<string[]> {
  const days = { from: 0, to: now + DAY_MS };
  const keys = address === null ? [] : await index.find({ ...days, sender: address });
  for (const mailboxId of mailboxIds) keys.push(...(await index.find({ ...days, mailboxId })));
  return keys;
}
