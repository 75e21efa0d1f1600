import {
  type HttpClient,
  HttpConnectionError,
  type HttpResponse,
  HttpResponseTooLargeError,
  HttpTimeoutError,
  type OutboundPolicy,
} from '@ms1/resilience';

import type { Admission } from './admission.ts';
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
  clock?: { now(): number };
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
  storeBatch(batch: EncodedBatch, signal?: AbortSignal): Promise<Map<string, Verdict>>;
}

const ALL_MAY_GO: Admission = { enter: async () => async () => undefined };

/** A client of the MS4 Persistence API (openapi/ms4.yaml, storeBatch). */
export function createMs4Client(options: Ms4ClientOptions): Ms4Client {
  const { http, policy, auth, batchPath, gzipBytesMin = 8_192, clock = Date } = options;
  const { admission = ALL_MAY_GO } = options;
  const gzip = new GzipUse(gzipBytesMin);

  const send = async (
    batch: EncodedBatch,
    body: Buffer,
    signal: AbortSignal,
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
      await leave(null);
      return verdicts;
    } catch (error) {
      await leave(error);
      throw error;
    }
  };

  const sendWithToken = async (
    batch: EncodedBatch,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<Map<string, Verdict>> => {
    try {
      return await send(batch, body, signal);
    } catch (error) {
      if (!(error instanceof Ms4AuthError) || !(await auth.refresh?.())) throw error;
      return send(batch, body, signal);
    }
  };

  const sendAsTaken = async (batch: EncodedBatch, signal: AbortSignal) => {
    const body = await gzip.encode(batch);
    if (body === batch.body) return sendWithToken(batch, body, signal);
    try {
      const verdicts = await sendWithToken(batch, body, signal);
      gzip.taken();
      return verdicts;
    } catch (error) {
      if (!gzip.isSuspect(error, batch)) throw error;
    }
    const verdicts = await sendWithToken(batch, batch.body, signal);
    gzip.refused();
    return verdicts;
  };

  return {
    storeBatch: (batch, signal) =>
      policy.execute((call) => sendAsTaken(batch, call.signal), signal),
  };
}

function toUnavailable(error: unknown): unknown {
  const known =
    error instanceof HttpConnectionError ||
    error instanceof HttpTimeoutError ||
    error instanceof HttpResponseTooLargeError;
  if (!known) return error;
  const stage = error.requestSent === false ? 'send' : 'exchange';
  return new Ms4UnavailableError(stage, undefined, error);
}
