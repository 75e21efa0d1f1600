import { Ms4Verdict } from '@ms1/contracts';
import type { HttpResponse } from '@ms1/http-client';
import { parseRetryAfter } from '@ms1/resilience';
import { z } from 'zod';

import type { EncodedBatch } from './encode-batch.ts';
import {
  Ms4AuthError,
  Ms4ProtocolError,
  Ms4RefusedError,
  Ms4ThrottledError,
  Ms4TooLargeError,
  Ms4UnavailableError,
  type RefusedItem,
} from './ms4-errors.ts';

/** What MS4 decided about one record. */
export interface Verdict {
  /**
   * accepted   the whole batch is durably accepted, without a word on each (202)
   * stored     it was stored now
   * duplicate  it had been stored before: as good as stored
   * rejected   it never will be stored; `code` says why
   * retry      it may be resent; also what follows from an answer that does not name the record once
   */
  status: 'accepted' | 'stored' | 'duplicate' | 'rejected' | 'retry';
  /** MS4's reason, or `missing_verdict`, `unreadable_verdict`, `contradictory_verdicts` */
  code?: string;
}

/** The results are read one by one: a malformed one must not take its neighbours' verdicts away. */
const Envelope = z.object({ batchId: z.string(), results: z.array(z.unknown()) });
/** The status decides. What `error` looks like must not: it is there to be read by people. */
const Result = z.object({ status: Ms4Verdict, error: z.unknown().optional() });

/** ms to wait for a 429 that does not say how long */
const RETRY_AFTER_MS_DEFAULT = 5_000;
/** A Retry-After is the other side's word: one of a day would stop the fleet for a day. */
const RETRY_AFTER_MS_MAX = 300_000;

/**
 * What MS4's answer says about the batch, read strictly: only an answer that the contract knows, about
 * this very batch, can be a success.
 *
 * @param now ms since the epoch, for Retry-After dates
 * @throws {Ms4ThrottledError | Ms4UnavailableError | Ms4AuthError | Ms4TooLargeError | Ms4RefusedError | Ms4ProtocolError}
 */
export function readAnswer(
  batch: EncodedBatch,
  response: HttpResponse,
  now: number,
): Map<string, Verdict> {
  const { status, headers } = response;
  switch (status) {
    case 200:
    case 207:
      return readVerdicts(batch, parseJson(response));
    case 202:
      return readAccepted(batch, response);
    case 400:
    case 409:
    case 422:
      throw new Ms4RefusedError(status, readPointers(batch, response));
    case 401:
    case 403:
      throw new Ms4AuthError(status);
    case 413:
      throw new Ms4TooLargeError();
    case 429:
      throw new Ms4ThrottledError(status, retryAfterMs(headers, now) ?? RETRY_AFTER_MS_DEFAULT);
    case 503: {
      const waitMs = retryAfterMs(headers, now);
      if (waitMs !== undefined) throw new Ms4ThrottledError(status, waitMs);
      break;
    }
    default:
  }
  if (status >= 500) throw new Ms4UnavailableError(status);
  throw new Ms4ProtocolError(`status ${status}`, { status });
}

/** A 202 has no body by contract. One that has must not contradict it: proxies answer 202 with pages too. */
function readAccepted(batch: EncodedBatch, response: HttpResponse): Map<string, Verdict> {
  if (response.body.length > 0) {
    const body = parseJson(response) as { batchId?: unknown } | null;
    if (body?.batchId !== undefined && body.batchId !== batch.batchId) {
      throw new Ms4ProtocolError('the body accepts another batch');
    }
  }
  return new Map(batch.items.map(({ id }) => [id, { status: 'accepted' }]));
}

/** application/json, text/json, application/problem+json and their like: all of them were JSON at some time. */
const JSON_TYPE = /^\s*(?:application|text)\/(?:[\w.-]+\+|x-)?json\s*(?:[;,]|$)/i;
/** Leaves a byte order mark away, which a parser may (RFC 8259, 8.1). */
const utf8 = new TextDecoder();

function parseJson({ headers, body }: HttpResponse): unknown {
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) {
    throw new Ms4ProtocolError('the body is not JSON by its content type');
  }
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    // The parser's message quotes the body, which may quote a record.
    throw new Ms4ProtocolError('the body does not parse as JSON');
  }
}

function retryAfterMs(headers: HttpResponse['headers'], now: number): number | undefined {
  const ms = parseRetryAfter(headers['retry-after'], now);
  return ms === undefined ? undefined : Math.min(ms, RETRY_AFTER_MS_MAX);
}

/**
 * The items that a refusal points at (`/items/3/subject`, or `#/items/3/subject` as RFC 9457 spells it),
 * each once. A refusal without a readable body points at none.
 */
function readPointers(batch: EncodedBatch, response: HttpResponse): RefusedItem[] {
  let errors: unknown;
  try {
    errors = (parseJson(response) as { errors?: unknown } | null)?.errors;
  } catch {
    return [];
  }
  const refused = new Map<string, RefusedItem>();
  for (const error of Array.isArray(errors) ? (errors as unknown[]) : []) {
    const { pointer, code } = (error ?? {}) as { pointer?: unknown; code?: unknown };
    if (typeof pointer !== 'string') continue;
    const [, index, member] = /^#?\/items\/(0|[1-9]\d*)(?:\/(\w+)|\/?$)/.exec(pointer) ?? [];
    const item = index === undefined ? undefined : batch.items[Number(index)];
    if (!item || refused.has(item.id)) continue;
    const fallback = member ? `invalid_${member}` : 'refused';
    refused.set(item.id, { id: item.id, code: isCode(code) ? code : fallback });
  }
  return [...refused.values()];
}

/**
 * The verdict of each record of the batch, in the batch's order, from the body of a 200 or 207. What
 * is about other ids is ignored; a record with no readable verdict, or with several that contradict
 * one another, is to be retried: whatever they say, it is not taken for stored, nor for refused.
 *
 * @throws {Ms4ProtocolError} when the body is not a result of this very batch
 */
function readVerdicts(batch: EncodedBatch, body: unknown): Map<string, Verdict> {
  const envelope = Envelope.safeParse(body);
  if (!envelope.success) throw new Ms4ProtocolError('the body is no batch result');
  if (envelope.data.batchId !== batch.batchId) {
    throw new Ms4ProtocolError('the body is the result of another batch');
  }
  const verdicts = new Map<string, Verdict>(
    batch.items.map(({ id }) => [id, { status: 'retry', code: 'missing_verdict' }]),
  );
  const named = new Set<string>();
  for (const entry of envelope.data.results) {
    const id = idOf(entry);
    const known = id === undefined ? undefined : verdicts.get(id);
    if (id === undefined || !known) continue;
    const verdict = verdictOf(entry);
    verdicts.set(id, named.has(id) ? agreed(known, verdict) : verdict);
    named.add(id);
  }
  return verdicts;
}

/** Said twice. `stored` and `duplicate` say the same of the record: it is there. */
function agreed(one: Verdict, other: Verdict): Verdict {
  const isThere = ({ status }: Verdict) => status === 'stored' || status === 'duplicate';
  if (one.status === other.status || (isThere(one) && isThere(other))) return one;
  return { status: 'retry', code: 'contradictory_verdicts' };
}

function verdictOf(entry: unknown): Verdict {
  const result = Result.safeParse(entry);
  if (!result.success) return { status: 'retry', code: 'unreadable_verdict' };
  const { status, error } = result.data;
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return isCode(code) ? { status, code } : { status };
}

/** One word of 64 characters at most: what MS4 calls a code is kept and shown, so it must not be a sentence about mail. */
function isCode(code: unknown): code is string {
  return typeof code === 'string' && /^[A-Za-z][\w.-]{0,63}$/.test(code);
}

function idOf(entry: unknown): string | undefined {
  const id = (entry as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : undefined;
}
