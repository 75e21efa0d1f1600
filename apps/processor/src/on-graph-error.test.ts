import { describe, expect, test } from '@jest/globals';
import {
  GraphAuthError,
  type GraphError,
  GraphForbiddenError,
  GraphMailboxError,
  GraphNotFoundError,
  GraphProtocolError,
  GraphRequestError,
  GraphThrottledError,
  GraphTransientError,
  GraphUnavailableError,
} from '@ms1/graph-client';

import { type Circumstances, onGraphError, type Refusal } from './on-graph-error.ts';

const FRESH: Circumstances = { attemptsMade: 0, ageMs: 0, random: 0 };
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
      { attemptsMade: 7 },
      { kind: 'snooze', ms: 5_000 },
    ],
    [
      'a broken line burns no attempt',
      new GraphTransientError('', { status: null }),
      { attemptsMade: 7 },
      { kind: 'snooze', ms: 5_000 },
    ],
    [
      '500 is retried with backoff',
      new GraphTransientError('', { status: 500 }),
      {},
      { kind: 'retry' },
    ],
    [
      '404 is not believed at once',
      new GraphNotFoundError('', { status: 404 }),
      {},
      { kind: 'retry', ms: 2_000 },
    ],
    [
      '404 for the third time is a deleted message',
      new GraphNotFoundError('', { status: 404 }),
      { attemptsMade: 2 },
      { kind: 'skip', reason: 'source_deleted' },
    ],
    [
      '403 is retried slowly',
      new GraphForbiddenError('', { status: 403 }),
      { ageMs: DAY - 1 },
      { kind: 'snooze', ms: 600_000 },
    ],
    [
      '403 for a day is a dead letter',
      new GraphForbiddenError('', { status: 403 }),
      { ageMs: DAY },
      { kind: 'dead', reason: 'graph_forbidden' },
    ],
    [
      'a missing mailbox flips back at times',
      new GraphMailboxError('', { status: 404 }),
      {},
      { kind: 'snooze', ms: 600_000 },
    ],
    [
      'a request that is wrong stays wrong',
      new GraphRequestError('', { status: 400 }),
      {},
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
