import type { Overview } from '@ms1/console-api';

/** What a judgement is made from. */
export interface Workforce extends Pick<Overview, 'queues' | 'ms4' | 'rates'> {
  mailboxes: Pick<Overview['mailboxes'], 'total' | 'heldTotal'>;
  /** those that are alive */
  processes: readonly { app: string }[];
}

type Scaling = Overview['scaling'];
type Wanted = Scaling['processor'];

/** What waits is to be gone in a minute, which is what a message may take (docs/performance.md#sizing). */
const DRAIN_SECONDS = 60;
/**
 * Messages a second of one process where it has not shown its own pace: a processor of 20 mailboxes at 200 ms a request;
 * a sender with two requests of 500 in flight at an MS4 that takes a second.
 */
const NOMINAL = { processor: 340, 'ms4-sender': 1_000 };
/** Requests that Graph takes from us at once for a mailbox, and that one processor has in flight (graph-client.ts). */
const PER_MAILBOX = 4;
const PER_PROCESSOR = 64;

/**
 * How many replicas would help with what waits, and what keeps more from helping. Half of the work of a fleet waits
 * for others: a processor more than Graph's permits keep busy, or a sender beside one that MS4 does not answer, would
 * wait with the rest.
 */
export function judgeScaling({ queues, ms4, rates, mailboxes, processes }: Workforce): Scaling {
  const count = (app: string): number => processes.filter((one) => one.app === app).length;
  const demand = (app: keyof typeof NOMINAL, queue: string, rate: number | null): number => {
    const waiting = queues.find(({ name }) => name === queue)?.waiting ?? 0;
    const replicas = Math.max(1, count(app));
    const pace = Math.max(NOMINAL[app], (rate ?? 0) / replicas);
    return Math.max(1, Math.ceil(waiting / (pace * DRAIN_SECONDS)));
  };
  const isPaused = (queue: string): boolean =>
    queues.some((one) => one.name === queue && one.paused);
  const judge = (queue: string, wanted: number, most: number, by: Wanted['limitedBy']): Wanted => {
    if (isPaused(queue)) return { replicas: 1, limitedBy: 'paused' };
    return wanted > most
      ? { replicas: most, limitedBy: by }
      : { replicas: wanted, limitedBy: 'work' };
  };
  const callable = Math.max(0, mailboxes.total - mailboxes.heldTotal);
  return {
    processor: judge(
      'inbound',
      demand('processor', 'inbound', rates.prepared),
      Math.max(1, Math.ceil((callable * PER_MAILBOX) / PER_PROCESSOR)),
      'graph',
    ),
    'ms4-sender': judge(
      'outbound',
      demand('ms4-sender', 'outbound', rates.delivered),
      ms4.gate === 'open' || ms4.gate === 'ramping' ? Number.POSITIVE_INFINITY : 1,
      'ms4',
    ),
  };
}
