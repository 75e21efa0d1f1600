import {
  type HttpClient,
  HttpConnectionError,
  type HttpResponse,
  HttpResponseTooLargeError,
  HttpTimeoutError,
} from '@ms1/http-client';
import type { OutboundPolicy } from '@ms1/resilience';
import type { Clock } from '@ms1/runtime';

import type { Admission, SentAs } from './admission.ts';
import type { EncodedBatch } from './encode-batch.ts';
import { GzipUse } from './gzip-use.ts';
import type { Ms4Auth } from './ms4-auth.ts';
import { Ms4AuthError, Ms4CodingError, Ms4UnavailableError } from './ms4-errors.ts';
import { readAnswer } from './read-answer.ts';
import type { Verdict } from './verdict.ts';

export interface Ms4ClientOptions {
  http: HttpClient;
  /** with `isTransient: isMs4Transient`; what it retries is resent byte for byte under the same key */
  policy: OutboundPolicy;
  auth: Ms4Auth;
  /** asked before every single HTTP request, those that are repeated included; default: all may go */
  admission?: Admission;
  /** path of POST /v1/batches on the HTTP client's origin */
  batchPath: string;
  /** bytes of body from which it travels gzipped where MS4 takes that; default 8192, Infinity: never */
  gzipBytesMin?: number;
  /** ms since the epoch, for Retry-After dates */
  clock?: Clock;
}

export interface SendOptions {
  /**
   * record   the usual
   * suspect  the fault is thought to be its own: its failure says nothing about MS4
   * control  it was stored before: its answer says that MS4 is there, and nothing about new records
   */
  as?: SentAs;
  /** false: once, whatever comes of it; default true */
  retries?: boolean;
}

export interface Ms4Client {
  /**
   * Sends the batch in one request (again, if it fails transiently) and answers with a verdict for
   * every record in it, in its order.
   *
   * @throws {BreakerOpenError} nothing was sent
   * @throws what the admission throws: nothing was sent
   * @throws {Ms4Error} one of its classes: there are no verdicts
   * @throws the signal's reason
   */
  storeBatch(
    batch: EncodedBatch,
    signal?: AbortSignal,
    options?: SendOptions,
  ): Promise<Map<string, Verdict>>;
  /**
   * Whether MS4 takes our credentials, by asking for one record, which it need not have
   * (packages/contracts/openapi/ms4.yaml, getMessage): tells a refusal of the credentials from one of what was sent
   * with them. Null when there is no clear answer.
   */
  acceptsCredentials(id: string, signal?: AbortSignal): Promise<boolean | null>;
}

/** ms between two renewals of the credentials: a record that always gets 403 must not cost a token each time */
const REFRESH_MS_MIN = 60_000;

const ALL_MAY_GO: Admission = { enter: async () => async () => undefined };

/** A client of the MS4 Persistence API (packages/contracts/openapi/ms4.yaml, storeBatch). */
export function createMs4Client(options: Ms4ClientOptions): Ms4Client {
  const { http, policy, auth, batchPath, gzipBytesMin = 8_192, clock = Date } = options;
  const { admission = ALL_MAY_GO } = options;
  const gzip = new GzipUse(gzipBytesMin);

  const send = async (
    batch: EncodedBatch,
    body: Buffer,
    { signal, as }: { signal: AbortSignal; as: SentAs },
  ): Promise<Map<string, Verdict>> => {
    const headers = {
      ...(await auth.headers()),
      'content-type': 'application/json',
      accept: 'application/json, application/problem+json',
      'idempotency-key': batch.batchId,
      ...(body === batch.body ? {} : { 'content-encoding': 'gzip' }),
    };
    const leave = await admission.enter(signal);
    try {
      const response = await http
        .request({ method: 'POST', path: batchPath, headers, body, signal })
        .catch((error: unknown): HttpResponse => {
          throw toUnavailable(error);
        });
      if (response.status === 415 && body !== batch.body) throw new Ms4CodingError();
      const verdicts = readAnswer(batch, response, clock.now());
      await leave(null, as);
      return verdicts;
    } catch (error) {
      await leave(error, as);
      throw error;
    }
  };

  let refreshedAt = Number.NEGATIVE_INFINITY;
  const renewed = async (): Promise<boolean> => {
    if (!auth.refresh || clock.now() - refreshedAt < REFRESH_MS_MIN) return false;
    refreshedAt = clock.now();
    return auth.refresh();
  };

  const sendWithToken = async (
    batch: EncodedBatch,
    body: Buffer,
    how: { signal: AbortSignal; as: SentAs },
  ): Promise<Map<string, Verdict>> => {
    try {
      return await send(batch, body, how);
    } catch (error) {
      if (!(error instanceof Ms4AuthError) || !(await renewed())) throw error;
      return send(batch, body, how);
    }
  };

  const sendAsTaken = async (batch: EncodedBatch, how: { signal: AbortSignal; as: SentAs }) => {
    const body = await gzip.encode(batch);
    if (body === batch.body) return sendWithToken(batch, body, how);
    try {
      const verdicts = await sendWithToken(batch, body, how);
      gzip.taken();
      return verdicts;
    } catch (error) {
      if (!gzip.isSuspect(error, batch)) throw error;
    }
    const verdicts = await sendWithToken(batch, batch.body, how);
    gzip.refused();
    return verdicts;
  };

  return {
    storeBatch: (batch, signal, { as = 'record', retries = true } = {}) =>
      policy.execute((call) => sendAsTaken(batch, { signal: call.signal, as }), signal, {
        retries,
        counts: as === 'record',
      }),
    async acceptsCredentials(id, signal = new AbortController().signal) {
      const path = batchPath.replace(/[^/]*$/, `messages/${encodeURIComponent(id)}`);
      try {
        const headers = { ...(await auth.headers()), accept: 'application/json' };
        const leave = await admission.enter(signal);
        try {
          const { status } = await http.request({ method: 'GET', path, headers, signal });
          if (status === 401 || status === 403) return false;
          return status === 200 || status === 404 ? true : null;
        } finally {
          // Whatever it says is about reading.
          await leave(new Error('not a batch'), 'control');
        }
      } catch {
        signal.throwIfAborted();
        return null;
      }
    },
  };
}

function toUnavailable(error: unknown): unknown {
  const known =
    error instanceof HttpConnectionError ||
    error instanceof HttpTimeoutError ||
    error instanceof HttpResponseTooLargeError;
  return known ? new Ms4UnavailableError(undefined, error) : error;
}
