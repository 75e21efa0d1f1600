import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
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
import type { Ms4Auth } from './ms4-auth.ts';
import { Ms4AuthError, Ms4UnavailableError } from './ms4-errors.ts';
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
  /** bytes of body from which it travels gzipped; default 8192, Infinity: never */
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

const compress = promisify(gzip);
const ALL_MAY_GO: Admission = { enter: async () => async () => undefined };

/** A client of the MS4 Persistence API (openapi/ms4.yaml, storeBatch). */
export function createMs4Client(options: Ms4ClientOptions): Ms4Client {
  const { http, policy, auth, batchPath, gzipBytesMin = 8_192, clock = Date } = options;
  const { admission = ALL_MAY_GO } = options;

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
      const verdicts = readAnswer(batch, response, clock.now());
      await leave(null);
      return verdicts;
    } catch (error) {
      await leave(error);
      throw error;
    }
  };

  return {
    async storeBatch(batch, signal) {
      // Level 1: records are repetitive, so higher levels gain little and cost the event loop's threads much.
      const body =
        batch.body.length < gzipBytesMin
          ? batch.body
          : await compress(batch.body, { level: constants.Z_BEST_SPEED });
      return policy.execute(async (call) => {
        try {
          return await send(batch, body, call.signal);
        } catch (error) {
          if (!(error instanceof Ms4AuthError) || !(await auth.refresh?.())) throw error;
          return send(batch, body, call.signal);
        }
      }, signal);
    },
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
