import { randomUUID } from 'node:crypto';
import { type AnswerOf, ConsoleClient } from '@ms1/console-api';

import { fetchPatiently } from './call-json.ts';

/** A session as the ops-console's API gives it. */
export type Session = AnswerOf<'GET /sessions/:id'>;
export type QueueDepth = AnswerOf<'GET /queues'>[number];

/** ms for all tries of a call: longer than they take. */
const TIMEOUT_MS = 120_000;

/** The ops-console of a fleet, whose processes may be starting again when they are asked. */
export function consoleOf(baseUrl: string, token: string): ConsoleClient {
  return new ConsoleClient({
    baseUrl,
    token,
    newKey: randomUUID,
    fetch: fetchPatiently,
    timeoutMs: TIMEOUT_MS,
  });
}
