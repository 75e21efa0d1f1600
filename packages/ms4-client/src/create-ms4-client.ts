import {
  type HttpClient,
  HttpConnectionError,
  type HttpResponse,
  HttpResponseTooLargeError,
  HttpTimeoutError,
} from '@ms1/http-client';
import type { Retry } from '@ms1/resilience';
import type { Clock } from '@ms1/runtime';

import type { EncodedBatch } from './encode-batch.ts';
import { GzipUse } from './gzip-use.ts';
import type { Ms4Auth } from './ms4-auth.ts';
import { Ms4AuthError, Ms4CodingError, Ms4UnavailableError } from './ms4-errors.ts';
import type { Verdict } from './read-answer.ts';
import { readAnswer } from './read-answer.ts';

/**
 * What a request was made for:
 *
 * record    the usual
 * suspect   the fault is thought to be its own: its failure says nothing about MS4
 * control   it was stored before: its answer says that MS4 is there, and nothing about new records
 * question  it is about reading: whatever comes of it says nothing about storing
 */
export type SentAs = 'record' | 'suspect' | 'control' | 'question';

/**
 * Makes one HTTP request when it may leave: within a rate, behind a breaker, by somebody's word to wait.
 *
 * @throws what the request throws; when it is not to be waited for, or the signal's reason: nothing was sent
 */
export type Guard = <T>(request: () => Promise<T>, signal: AbortSignal, as: SentAs) => Promise<T>;

export interface Ms4ClientOptions {
  http: HttpClient;
  /** what it repeats is resent byte for byte under the same key */
  retry: Retry;
  auth: Ms4Auth;
  /** around every single HTTP request, those that are repeated included; default: all may go */
  guard?: Guard;
  /** path of POST /v1/batches on the HTTP client's origin */
  batchPath: string;
  /** bytes of body from which it travels gzipped where MS4 takes that; default 8192, Infinity: never */
  gzipBytesMin?: number;
  /** ms since the epoch, for Retry-After dates */
  clock?: Clock;
}

export interface SendOptions {
  as?: SentAs;
  /** false: once, whatever comes of it; default true */
  retries?: boolean;
}

/** ms between two renewals of the credentials: a record that always gets 403 must not cost a token each time */
const REFRESH_MS_MIN = 60_000;

/** A client of the MS4 Persistence API (packages/contracts/openapi/ms4.yaml, storeBatch). */
export function createMs4Client(options: Ms4ClientOptions) {
  const { http, retry, auth, batchPath, gzipBytesMin = 8_192, clock = Date } = options;
  const { guard = (request) => request() } = options;
  const gzip = new GzipUse(gzipBytesMin);

  const send = async (
    batch: EncodedBatch,
    body: Buffer,
    { signal, as }: How,
  ): Promise<Map<string, Verdict>> => {
    const isGzipped = body !== batch.body;
    const headers = {
      ...(await auth.headers()),
      'content-type': 'application/json',
      accept: 'application/json, application/problem+json',
      'idempotency-key': batch.batchId,
      ...(isGzipped && { 'content-encoding': 'gzip' }),
    };
    const exchange = async () => {
      const response = await http
        .request({ method: 'POST', path: batchPath, headers, body, signal })
        .catch((error: unknown): HttpResponse => {
          throw toUnavailable(error);
        });
      try {
        return readAnswer(batch, response, clock.now());
      } catch (error) {
        throw isGzipped && gzip.isSuspect(error, batch) ? new Ms4CodingError(error) : error;
      }
    };
    return guard(exchange, signal, as);
  };

  let refreshedAt = Number.NEGATIVE_INFINITY;
  const renewed = async (): Promise<boolean> => {
    if (!auth.refresh || clock.now() - refreshedAt < REFRESH_MS_MIN) return false;
    refreshedAt = clock.now();
    return auth.refresh();
  };

  const sendWithToken: typeof send = async (batch, body, how) => {
    try {
      return await send(batch, body, how);
    } catch (error) {
      if (!(error instanceof Ms4AuthError) || !(await renewed())) throw error;
      return send(batch, body, how);
    }
  };

  const sendAsTaken = async (batch: EncodedBatch, how: How) => {
    const body = await gzip.encode(batch);
    if (body === batch.body) return sendWithToken(batch, body, how);
    try {
      const verdicts = await sendWithToken(batch, body, how);
      gzip.taken();
      return verdicts;
    } catch (error) {
      if (!(error instanceof Ms4CodingError)) throw error;
    }
    const verdicts = await sendWithToken(batch, batch.body, how);
    gzip.refused();
    return verdicts;
  };

  return {
    /**
     * Sends the batch in one request (again, if it fails transiently) and answers with a verdict for every record in it,
     * in its order.
     *
     * @throws what the guard throws
     * @throws {Ms4Error} one of its classes: there are no verdicts
     * @throws the signal's reason
     */
    async storeBatch(
      batch: EncodedBatch,
      signal: AbortSignal = never,
      { as = 'record', retries = true }: SendOptions = {},
    ): Promise<Map<string, Verdict>> {
      const call = () => sendAsTaken(batch, { signal, as });
      return retries ? retry.execute(call, signal) : call();
    },

    /**
     * Whether MS4 takes our credentials, by requesting one record, which need not exist
     * (packages/contracts/openapi/ms4.yaml, getMessage): tells a refusal of the credentials from one of what was sent
     * with them. Null when there is no clear answer.
     */
    async acceptsCredentials(id: string, signal: AbortSignal = never): Promise<boolean | null> {
      const path = batchPath.replace(/[^/]*$/, `messages/${encodeURIComponent(id)}`);
      try {
        const headers = { ...(await auth.headers()), accept: 'application/json' };
        const ask = () => http.request({ method: 'GET', path, headers, signal });
        const { status } = await guard(ask, signal, 'question');
        if (status === 401 || status === 403) return false;
        return status === 200 || status === 404 ? true : null;
      } catch {
        signal.throwIfAborted();
        return null;
      }
    },
  };
}

interface How {
  signal: AbortSignal;
  as: SentAs;
}

const never = new AbortController().signal;

export type Ms4Client = ReturnType<typeof createMs4Client>;

function toUnavailable(error: unknown): unknown {
  const known =
    error instanceof HttpConnectionError ||
    error instanceof HttpTimeoutError ||
    error instanceof HttpResponseTooLargeError;
  return known ? new Ms4UnavailableError(undefined, error) : error;
}
