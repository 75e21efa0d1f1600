import type { AnswerOf } from '@ms1/console-api';

import { plain } from '../words.ts';

export type Message = AnswerOf<'GET /messages/:key'>;

type MessageEvent = Message['timeline'][number];

/** One thing that happened to a message, or is to happen. */
export interface Step {
  title: string;
  detail: string;
  /** null: it has not happened, or nobody noted when */
  at: string | null;
  state: 'done' | 'now' | 'ahead' | 'failed';
}

const NOTICED = {
  webhook: 'Graph announced it',
  poll: 'A walk of its folder found it',
  backfill: 'A session\u2019s listing found it',
} as const;

/** The way of a message, from Exchange to MS4's receipt, as far as it has come. */
export function timelineOf({ state, job, timeline }: Message): Step[] {
  // A replay takes a message back: what it is now counts, not that it was dead once.
  const isLetter = job?.failed === true || state === 'dead';
  const steps = timeline.map((event) => stepOf(event, job));
  const ended = isLetter || state === 'delivered' || state === 'skipped';
  if (isLetter && !timeline.some(({ event }) => event === 'dead')) {
    steps.push({ title: 'Dead letter', detail: lies(job), at: null, state: 'failed' });
  }
  if (ended) return steps;
  const isPrepared = timeline.some(({ event }) => event === 'prepared');
  if (!isPrepared) {
    const detail = job ? `It waits in ${job.queue}` : 'It is in the processor\u2019s hands';
    steps.push({ title: 'Preparing', detail, at: null, state: 'now' });
  }
  const detail = isPrepared ? 'It waits in outbound for its batch' : 'Once it is prepared';
  steps.push({ title: 'Stored by MS4', detail, at: null, state: isPrepared ? 'now' : 'ahead' });
  return steps;
}

function stepOf({ event, at, source, receipt, reason }: MessageEvent, job: Message['job']): Step {
  const why = reason ? `${plain(reason)}.` : 'No reason was noted.';
  switch (event) {
    case 'received':
      return { title: 'Received by Exchange', detail: 'In its mailbox', at, state: 'done' };
    case 'noticed':
      return { title: 'Noticed', detail: source ? NOTICED[source] : '', at, state: 'done' };
    case 'queued':
      return {
        title: 'Queued',
        detail: source ? `${NOTICED[source]}; it was put on inbound` : 'It was put on inbound',
        at,
        state: 'done',
      };
    case 'prepared':
      return { title: 'Prepared', detail: 'Its record was put on outbound', at, state: 'done' };
    case 'delivered': {
      const detail = receipt ? `MS4\u2019s receipt: ${receipt}` : 'MS4 has it';
      return { title: 'Stored by MS4', detail, at, state: 'done' };
    }
    case 'skipped':
      return { title: 'Skipped', detail: why, at, state: 'failed' };
    case 'dead':
      return { title: 'Dead letter', detail: `${why} ${lies(job)}`.trim(), at, state: 'failed' };
    default:
      return event satisfies never;
  }
}

function lies(job: Message['job']): string {
  return job?.failed ? `It lies in ${job.queue} until it is replayed or discarded.` : '';
}
