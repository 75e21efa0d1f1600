import { describe, expect, test } from '@jest/globals';
import {
  GraphAuthError,
  type GraphError,
  GraphForbiddenError,
  GraphItemNotFoundError,
  GraphMailboxError,
  GraphNotFoundError,
  GraphProtocolError,
  GraphRequestError,
  GraphThrottledError,
  GraphTransientError,
  GraphUnavailableError,
} from '@ms1/graph-client';

import { type Circumstances, onGraphError, type Refusal } from './on-graph-error.ts';

const FRESH: Circumstances = { refusedForMs: 0, random: 0 };
const DAY = 24 * 3_600_000;

describe('onGraphError', () => {
  test.each<[string, GraphError, Partial<Circumstances>, Refusal]>([
    [
      '429 waits as long as Graph says',
      new GraphThrottledError('', { status: 429, retryAfterMs: 7_000 }),
      {},
      { kind: 'snooze', ms: 7_000 },
    ],
    [
      '… and up to a quarter longer, so that not all come back at once',
      new GraphThrottledError('', { status: 429, retryAfterMs: 8_000 }),
      { random: 0.5 },
      { kind: 'snooze', ms: 9_000 },
    ],
    [
      '503 of a mailbox that moves burns no attempt',
      new GraphUnavailableError('', { status: 503 }),
      {},
      { kind: 'snooze', ms: 5_000 },
    ],
    [
      'a broken line burns no attempt',
      new GraphTransientError('', { status: null }),
      {},
      { kind: 'snooze', ms: 5_000 },
    ],
    [
      '500 is retried with backoff',
      new GraphTransientError('', { status: 500 }),
      {},
      { kind: 'retry' },
    ],
    [
      '404 of a message is not believed at once',
      new GraphItemNotFoundError('', { status: 404 }),
      {},
      { kind: 'snooze', ms: 2_000 },
    ],
    [
      '… nor after a minute, and is looked at less and less often',
      new GraphItemNotFoundError('', { status: 404 }),
      { refusedForMs: 60_000 },
      { kind: 'snooze', ms: 60_000 },
    ],
    [
      '404 of a message for two minutes is a deleted one',
      new GraphItemNotFoundError('', { status: 404 }),
      { refusedForMs: 120_000 },
      { kind: 'skip', reason: 'source_deleted' },
    ],
    [
      '404 of its attachments, however long, is no word about the message',
      new GraphItemNotFoundError('', { status: 404, asked: 'attachments' }),
      { refusedForMs: DAY - 1 },
      { kind: 'snooze', ms: 600_000 },
    ],
    [
      'a 404 that is not Graph’s word for a message passes',
      new GraphNotFoundError('', { status: 404 }),
      { refusedForMs: 120_000 },
      { kind: 'snooze', ms: 120_000 },
    ],
    [
      '403 is looked at again soon at first',
      new GraphForbiddenError('', { status: 403 }),
      {},
      { kind: 'snooze', ms: 2_000 },
    ],
    [
      '… and slowly later',
      new GraphForbiddenError('', { status: 403 }),
      { refusedForMs: DAY - 1 },
      { kind: 'snooze', ms: 600_000 },
    ],
    [
      '403 for a day is a dead letter',
      new GraphForbiddenError('', { status: 403 }),
      { refusedForMs: DAY },
      { kind: 'dead', reason: 'graph_forbidden' },
    ],
    [
      'a missing mailbox flips back at times',
      new GraphMailboxError('', { status: 404 }),
      { refusedForMs: 40_000 },
      { kind: 'snooze', ms: 40_000 },
    ],
    [
      'a request that is wrong may be right in a moment, where a gateway said so',
      new GraphRequestError('', { status: 400 }),
      { refusedForMs: 60_000 },
      { kind: 'snooze', ms: 60_000 },
    ],
    [
      '… and for two minutes it is wrong',
      new GraphRequestError('', { status: 400 }),
      { refusedForMs: 120_000 },
      { kind: 'dead', reason: 'graph_request' },
    ],
    [
      'refused credentials are nobody’s message',
      new GraphAuthError('', { status: 401 }),
      {},
      { kind: 'snooze', ms: 30_000 },
    ],
    [
      'what cannot be read is retried, counted',
      new GraphProtocolError('', { status: 200 }),
      {},
      { kind: 'retry' },
    ],
  ])('%s', (_name, error, circumstances, refusal) => {
    expect(onGraphError(error, { ...FRESH, ...circumstances })).toEqual(refusal);
  });
});

/** A job's, as createQueue gives them. */
const ATTEMPTS = 8;

/** How a message ends that Graph refuses until it is well, in virtual time. */
function lifeOf(error: GraphError, wellAfterMs: number, judge = onGraphError): string {
  let failed = 0;
  for (let at = 0; at < wellAfterMs; ) {
    const refusal = judge(error, { refusedForMs: at, random: 0 });
    if (refusal.kind === 'skip') return `skipped ${refusal.reason}`;
    if (refusal.kind === 'dead') return 'dead';
    if (refusal.kind === 'snooze') at += refusal.ms;
    else {
      failed += 1;
      if (failed === ATTEMPTS) return 'dead';
      at += 1_000 * 2 ** failed;
    }
  }
  return 'read';
}

describe('a message that Graph refuses for a while', () => {
  const missing = new GraphItemNotFoundError('', { status: 404 });
  const forbidden = new GraphForbiddenError('', { status: 403 });
  const likeAnyFailure = (): Refusal => ({ kind: 'retry' });

  test('is read though it was not there for 5 s; control: who believes the first 404 has lost it', () => {
    expect(lifeOf(missing, 5_000)).toBe('read');
    const atOnce = (error: GraphError) =>
      onGraphError(error, { ...FRESH, refusedForMs: Number.POSITIVE_INFINITY });
    expect(lifeOf(missing, 5_000, atOnce)).toBe('skipped source_deleted');
  });

  test('and never again is skipped; control: taken for any failure, what was deleted is a dead letter', () => {
    expect(lifeOf(missing, DAY)).toBe('skipped source_deleted');
    expect(lifeOf(missing, DAY, likeAnyFailure)).toBe('dead');
  });

  test('is read when its mailbox may be read again after two hours; control: taken for any failure, it is dead', () => {
    expect(lifeOf(forbidden, DAY / 12)).toBe('read');
    expect(lifeOf(forbidden, DAY / 12, likeAnyFailure)).toBe('dead');
  });
});
