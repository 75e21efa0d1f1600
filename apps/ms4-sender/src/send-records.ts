import {
  answerCodeOf,
  type EncodedBatch,
  type EncodedItem,
  encodeBatch,
  isMs4Timeout,
  Ms4AuthError,
  type Ms4Client,
  Ms4Error,
  Ms4ProtocolError,
  Ms4RefusedError,
  Ms4ThrottledError,
  Ms4TooLargeError,
  Ms4UnavailableError,
  type Verdict,
} from '@ms1/ms4-client';
import { failpoint } from '@ms1/runtime';

import { pauseFor } from './pause-for.ts';
import { RefusedSizes } from './refused-sizes.ts';
import type { Settle } from './settle-fates.ts';
import { equalParts, slowStart } from './split-batch.ts';

/** What becomes of a record whose request was answered. */
export type Fate =
  | { kind: 'delivered'; receipt: string; duplicate: boolean }
  | { kind: 'dead'; reason: string }
  /** again with backoff, counted */
  | { kind: 'retry'; code: string }
  /**
   * MS4 failed on it alone, or refused it (`isRefused`) while it took nothing else: its own fault, or MS4's;
   * `code` says how it answered
   */
  | { kind: 'suspect'; code: string; isRefused?: boolean };

export interface Sent {
  /** by record id. A record without one was not judged: it waits until the pause is over */
  fates: Map<string, Fate>;
  requests: number;
  /** the key of the first request, for logs */
  batchId: string;
  /** MS4 had verdicts for at least one request */
  answered: boolean;
  /** nobody is to send for so long */
  pause: { ms: number; cause: Error } | null;
}

export interface SendCollaborators {
  storeBatch: Ms4Client['storeBatch'];
  /** of MS4's breaker, by the gate; null while it is closed, else the service is unwell */
  openForMs: () => number | null;
  /** MS4 takes our credentials for something else than this record */
  acceptsCredentials: (id: string, signal: AbortSignal) => Promise<boolean>;
  /** requests from so many bytes on are answered 413 */
  onTooLarge: (bytes: number) => void;
  /** ends what a request decided before the next one leaves */
  settle?: Settle;
}

export interface SendRecordsOptions {
  /** MS4 was unwell: begin with one record and go on with more, so that a probe is small */
  careful?: boolean;
  /**
   * into so many requests to begin with: MS4 asked to wait (429) each time that all of these were sent
   * together, so it may be about one of them; default 1
   */
  cuts?: number;
  /** see SendOptions */
  as?: 'record' | 'suspect';
}

/** 401 or 403 in a row that may be about records; then it is the credentials, whatever they are good for. */
const AUTH_FAILURES_MAX = 10;
/**
 * Parts in a row that MS4 may fail on after it took another of the same batch, without a word to its
 * breaker: eight bad records side by side are 8 + 4 + 2 + 1 of them.
 */
const FAILURES_MAX = 20;
/** Somebody has to mend what MS4 takes; asked with one record each time until then. */
const REFUSED_PAUSE_MS = 5_000;

/**
 * Sends records in one request, and in more where MS4 does not take the batch as it is: without the
 * records it points at, or in halves where it does not point (400, 409, 422), is too large (413), or
 * fails on it, which one record may cause too (5xx, no answer, 403 of a firewall). One bad record among n
 * costs at most 2 log2 n + 2 more requests. Parts go out breadth first: the good half of a bad batch
 * shows in time that MS4 is well, so that a poison record cannot open the breaker.
 *
 * A record that MS4 fails on alone is a suspect, also one that it refuses without a pointer while it takes
 * nothing else: an MS4, or a gateway, that refuses everything makes no dead letters. What is about MS4 for
 * certain (throttled, its breaker is open, our credentials) ends the sending with a pause and judges
 * nobody: an outage burns no attempt.
 *
 * @throws the signal's reason
 */
export async function sendRecords(
  items: readonly EncodedItem[],
  collaborators: SendCollaborators,
  signal: AbortSignal,
  { careful = false, cuts = 1, as = 'record' }: SendRecordsOptions = {},
): Promise<Sent> {
  const { storeBatch, openForMs, acceptsCredentials, onTooLarge } = collaborators;
  const sent: Sent = { fates: new Map(), requests: 0, batchId: '', answered: false, pause: null };
  const parts = careful ? slowStart(items) : equalParts(items, cuts);
  const sizes = new RefusedSizes();
  /** by record id: refused alone, and why */
  const refused = new Map<string, string>();
  let failures = 0;
  let refusals = 0;
  let authFailures = 0;

  const decided = async (fates: ReadonlyMap<string, Fate>, batchId?: string): Promise<void> => {
    for (const [id, fate] of fates) sent.fates.set(id, fate);
    if (fates.size > 0) await collaborators.settle?.(fates, batchId);
  };

  /** null: it is about the records of the part */
  const pauseOf = async (
    error: unknown,
    part: readonly EncodedItem[],
    sentAs: 'record' | 'suspect',
  ): Promise<Sent['pause']> => {
    const shutMs = openForMs();
    const paused = () => pauseFor(error, shutMs ?? 0);
    if (error instanceof Ms4AuthError && error.status !== null) {
      authFailures += 1;
      const isRecords =
        sent.answered ||
        (authFailures < AUTH_FAILURES_MAX && (await acceptsCredentials(part[0]?.id ?? '', signal)));
      return isRecords ? null : paused();
    }
    if (isRefusal(error)) {
      // What MS4 points at is a word on just that.
      if (error instanceof Ms4RefusedError && error.items.length > 0) return null;
      refusals += 1;
      const isAll = !sent.answered && refusals >= (careful ? 1 : FAILURES_MAX);
      return isAll ? { ms: REFUSED_PAUSE_MS, cause: error } : null;
    }
    const isFailure = error instanceof Ms4UnavailableError || error instanceof Ms4ProtocolError;
    if (isFailure && shutMs === null) return null;
    const isItsOwn =
      error instanceof Ms4ThrottledError &&
      sentAs === 'suspect' &&
      (error.status === 503 || part.length === 1);
    return isItsOwn ? null : paused();
  };

  for (let part = parts.shift(); part; part = parts.shift()) {
    const batch = encodeBatch(part);
    const fates = new Map<string, Fate>();
    const isKnownWell = sent.answered && failures > 0 && failures < FAILURES_MAX;
    const isSingledOut = sent.answered && cuts > 1 && part.length === 1;
    const sentAs = isKnownWell || isSingledOut ? 'suspect' : as;
    sent.batchId ||= batch.batchId;
    sent.requests += 1;
    try {
      // What failed once is cut smaller instead: that is a repetition too.
      const how = { as: sentAs, retries: failures === 0 };
      await failpoint('ms4-sender:before-post');
      judge(fates, batch, await storeBatch(batch, signal, how));
      await failpoint('ms4-sender:after-post');
      sent.answered = true;
      failures = Math.min(failures, 1);
      authFailures = 0;
    } catch (error) {
      if (!(error instanceof Ms4Error)) signal.throwIfAborted();
      if (!isRefusal(error)) failures += 1;
      if (error instanceof Ms4TooLargeError) sizes.refused(part, batch.body.length);
      sent.pause = await pauseOf(error, part, sentAs);
      const [first] = part;
      if (error instanceof Ms4RefusedError && error.items.length > 0) {
        for (const { id, code } of error.items) fates.set(id, { kind: 'dead', reason: code });
        const rest = part.filter(({ id }) => !fates.has(id));
        if (rest.length > 0) parts.push(rest);
      } else if (part.length === 1 && first && isAboutOne(error, sentAs)) {
        const code = codeOfSingle(error);
        if (isRefusal(error)) refused.set(first.id, code);
        else fates.set(first.id, { kind: 'suspect', code });
      } else if (!sent.pause) {
        if (!(error instanceof Ms4Error)) throw error;
        // Each step costs a whole deadline.
        parts.push(...equalParts(part, isMs4Timeout(error) ? 8 : 2));
      }
    }
    await decided(fates, batch.batchId);
    if (sent.pause) break;
  }
  const fateOf = (code: string): Fate =>
    sent.answered ? { kind: 'dead', reason: code } : { kind: 'suspect', code, isRefused: true };
  await decided(new Map([...refused].map(([id, code]) => [id, fateOf(code)])));
  const tooLarge = sent.answered ? sizes.smallest() : null;
  if (tooLarge !== null) onTooLarge(tooLarge);
  return sent;
}

/** A word on what was sent, and not on how MS4 is. */
function isRefusal(error: unknown): error is Ms4TooLargeError | Ms4RefusedError {
  return error instanceof Ms4TooLargeError || error instanceof Ms4RefusedError;
}

/** An answer about the one record that was sent, whosever fault it is. Not: nothing was sent, or our token. */
function isAboutOne(error: unknown, sentAs: 'record' | 'suspect'): error is Ms4Error {
  if (error instanceof Ms4ThrottledError) return error.status === 503 || sentAs === 'suspect';
  if (error instanceof Ms4AuthError) return error.status !== null;
  return error instanceof Ms4Error;
}

function judge(
  fates: Map<string, Fate>,
  { batchId }: EncodedBatch,
  verdicts: Map<string, Verdict>,
): void {
  for (const [id, { status, code }] of verdicts) {
    switch (status) {
      case 'accepted':
      case 'stored':
      case 'duplicate': {
        const duplicate = status === 'duplicate';
        fates.set(id, { kind: 'delivered', receipt: `${batchId}:${status}`, duplicate });
        break;
      }
      case 'rejected':
        fates.set(id, { kind: 'dead', reason: code ?? 'rejected' });
        break;
      case 'retry':
        fates.set(id, { kind: 'retry', code: code ?? 'retry_verdict' });
        break;
    }
  }
}

/** Why MS4 does not take a record even alone. */
function codeOfSingle(error: Ms4Error): string {
  if (error instanceof Ms4TooLargeError) return 'too_large';
  return error instanceof Ms4RefusedError && error.status === 409
    ? 'key_conflict'
    : answerCodeOf(error);
}
