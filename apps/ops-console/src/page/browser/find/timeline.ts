import type { FoundMessage } from '../state/search.ts';
import { plain } from '../words.ts';

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
  backfill: 'A session’s listing found it',
} as const;

/** The way of a message, from the mailbox to MS4's receipt, as far as it has come. */
export function timelineOf(message: FoundMessage): Step[] {
  const { state, source, queuedAt, preparedAt, at, reason, receipt, job } = message;
  const dead = state === 'dead' || job?.failed === true;
  const ended = dead || state === 'skipped' || state === 'delivered';
  const isPrepared = preparedAt !== null || state === 'prepared' || state === 'delivered';
  const why = reason ? plain(reason) : 'No reason was noted';
  const steps: Step[] = [
    {
      title: 'Noticed in its mailbox',
      detail: source ? NOTICED[source] : 'Nobody noted how',
      at: queuedAt,
      state: 'done',
    },
  ];
  if (isPrepared) {
    const detail = 'Its metadata and attachments were read and put on outbound';
    steps.push({ title: 'Prepared', detail, at: preparedAt, state: 'done' });
  } else if (!ended) {
    const detail = job ? `It waits in ${job.queue}` : 'It is being prepared';
    steps.push({ title: 'Preparing', detail, at: null, state: 'now' });
  }
  if (state === 'delivered') {
    const detail = receipt ? `MS4’s receipt: ${receipt}` : 'MS4 has it';
    steps.push({ title: 'Stored by MS4', detail, at, state: 'done' });
  } else if (dead) {
    const where = job ? `It lies in ${job.queue} until it is replayed or discarded. ` : '';
    steps.push({ title: 'Dead letter', detail: `${where}${why}.`, at, state: 'failed' });
  } else if (state === 'skipped') {
    steps.push({ title: 'Skipped', detail: `${why}.`, at, state: 'failed' });
  } else {
    const detail = isPrepared ? 'It waits in outbound for its batch' : 'Once it is prepared';
    steps.push({ title: 'Stored by MS4', detail, at: null, state: isPrepared ? 'now' : 'ahead' });
  }
  return steps;
}
