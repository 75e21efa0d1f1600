import type { Queue } from 'bullmq';

import { failedPages, type LetterPlace } from '../dead-letters/failed-pages.ts';
import type { PayloadSealer } from '../sealing/payload-sealer.ts';
import { byName } from '../shard-queues.ts';
import { JobStripper, type Stripped } from './job-stripper.ts';
import { stripEvents } from './strip-events.ts';

export interface StripLettersOptions {
  queues: readonly Queue[];
  payloads?: Pick<PayloadSealer, 'open' | 'seal'>;
  /** up to where all letters of a queue are stripped, so that they are not read again */
  progress: {
    read(queue: string): Promise<LetterPlace | null>;
    write(queue: string, place: LetterPlace): Promise<void>;
  };
}

/** One run over the dead letters, or a part of one. */
export interface StripReport {
  stripped: number;
  /** left as they are: what in them is personal cannot be told here. They are looked at again the next time */
  unreadable: number;
  /** where the next part begins; null: all is done */
  after: [queue: string, failedAt: number, id: string] | null;
}

/** Letters of one round trip: 100 of 64 KB are what a process has in hand at most. */
const PAGE = 100;
/** Letters of one part: some 5 s of one process, a ten-thousandth of it Redis's. */
const PART = 5_000;

/**
 * Removes personal data from dead letters that died until then, oldest first; each keeps its account and can still be
 * replayed. A letter that is replayed meanwhile stays whole. One that cannot be read does not stop the others.
 *
 * @param until ms since the epoch
 */
export async function stripLetters(
  { queues, payloads, progress }: StripLettersOptions,
  until: number,
  after: StripReport['after'] | undefined = null,
  signal?: AbortSignal,
): Promise<StripReport> {
  const report: StripReport = { stripped: 0, unreadable: 0, after: null };
  const named = namesOf(queues);
  const from = after ? named.findIndex(([name]) => name === after[0]) : 0;
  let read = 0;
  for (const [name, queue] of named.slice(Math.max(0, from))) {
    const stripper = new JobStripper(queue, payloads);
    const begun = await progress.read(name);
    const resumed = after?.[0] === name ? { failedAt: after[1], id: after[2] } : null;
    let place = resumed ?? begun;
    // Past one that could not be read the place is not moved on: it is to be seen again.
    let isWhole = resumed === null || isSame(resumed, begun);
    for await (const page of failedPages(queue, { after: place, until, size: PAGE })) {
      signal?.throwIfAborted();
      const outcomes = await stripPage(stripper, page);
      report.stripped += outcomes.filter((outcome) => outcome === 'stripped').length;
      const unreadable = outcomes.indexOf('unreadable');
      report.unreadable += outcomes.filter((outcome) => outcome === 'unreadable').length;
      const done = unreadable === -1 ? page.at(-1) : page[unreadable - 1];
      if (isWhole && done) await progress.write(name, done);
      isWhole &&= unreadable === -1;
      place = page.at(-1) ?? place;
      read += page.length;
      if (read >= PART && place) {
        return { ...report, after: [name, place.failedAt, place.id] };
      }
    }
  }
  return report;
}

/** The parts of a queue after its first are numbered. */
function namesOf(queues: readonly Queue[]): [name: string, queue: Queue][] {
  return [...byName(queues)].flatMap(([name, parts]) =>
    parts.map((queue, shard): [string, Queue] => [shard === 0 ? name : `${name}:${shard}`, queue]),
  );
}

async function stripPage(stripper: JobStripper, page: readonly LetterPlace[]): Promise<Stripped[]> {
  const jobs = await stripper.read(page.map(({ id }) => id));
  const outcomes = await Promise.all(
    jobs.map(async (job, index): Promise<Stripped> => {
      if (job === null) return 'gone';
      return job === 'unreadable' ? job : stripper.strip(job, page[index]?.failedAt);
    }),
  );
  const stripped = page.filter((_, index) => outcomes[index] === 'stripped');
  if (stripped.length > 0) {
    await stripEvents(stripper.queue, new Set(stripped.map(({ id }) => id)));
  }
  return outcomes;
}

function isSame(one: LetterPlace, other: LetterPlace | null): boolean {
  return one.failedAt === other?.failedAt && one.id === other.id;
}
