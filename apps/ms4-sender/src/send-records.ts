import {
  type EncodedBatch,
  type EncodedItem,
  encodeBatch,
  Ms4AuthError,
  Ms4ProtocolError,
  Ms4RefusedError,
  Ms4ThrottledError,
  Ms4TooLargeError,
  Ms4UnavailableError,
  type Verdict,
} from '@ms1/ms4-client';
import { BreakerOpenError } from '@ms1/resilience';

import { RequestHeldError } from './request-held-error.ts';

/** What becomes of a record whose request was answered. */
export type Fate =
  | { kind: 'delivered'; receipt: string; duplicate: boolean }
  | { kind: 'dead'; reason: string }
  /** again with backoff, counted */
  | { kind: 'retry'; code: string };

export interface Sent {
  /** by record id. A record without one was not judged: it waits until the pause is over */
  fates: Map<string, Fate>;
  requests: number;
  /** the key of the first request, for logs */
  batchId: string;
  /** nobody is to send for so long */
  pause: { ms: number; cause: Error } | null;
}

export interface SendCollaborators {
  storeBatch: (batch: EncodedBatch, signal: AbortSignal) => Promise<Map<string, Verdict>>;
  /** ms that MS4's breaker stays open */
  openForMs: () => number;
  /** a request of so many bytes was answered 413 */
  onTooLarge: (bytes: number) => void;
}

/** A Retry-After of 0 would spin. */
const PAUSE_MS_MIN = 250;
/** Failing but not yet failing enough for the breaker. */
const UNAVAILABLE_PAUSE_MS = 1_000;
/** Somebody has to change the configuration, or the permissions in MS4. */
const AUTH_PAUSE_MS = 30_000;

/**
 * Sends records in one request, and in more where MS4 does not take the batch as it is: without the
 * records it points at, or in halves where it does not point (400, 409, 422), is too large (413), or
 * answers 500, which one record may cause too. One bad record among n costs at most 2 log2 n + 2 more
 * requests. Halves go out breadth first: the good half of a bad batch shows in time that MS4 is well,
 * so that a poison record cannot open the breaker.
 *
 * Whatever is about MS4 and not about a record (throttled, unwell, our credentials) ends the sending
 * with a pause and judges nobody: an outage burns no attempt.
 *
 * @throws the signal's reason
 */
export async function sendRecords(
  items: readonly EncodedItem[],
  { storeBatch, openForMs, onTooLarge }: SendCollaborators,
  signal: AbortSignal,
): Promise<Sent> {
  const sent: Sent = { fates: new Map(), requests: 0, batchId: '', pause: null };
  const parts: EncodedItem[][] = items.length > 0 ? [[...items]] : [];
  let answered = false;

  for (let part = parts.shift(); part; part = parts.shift()) {
    const batch = encodeBatch(part);
    sent.batchId ||= batch.batchId;
    sent.requests += 1;
    try {
      judge(sent.fates, batch, await storeBatch(batch, signal));
      answered = true;
    } catch (error) {
      const pause = pauseFor(error, openForMs);
      const suspect = error instanceof Ms4UnavailableError && error.status === 500;
      if (pause && !(suspect && openForMs() === 0 && (part.length > 1 || answered))) {
        sent.pause = pause;
        break;
      }
      const aboutRecords = error instanceof Ms4TooLargeError || error instanceof Ms4RefusedError;
      if (!aboutRecords && !suspect) throw error;
      if (error instanceof Ms4TooLargeError) onTooLarge(batch.body.length);
      if (error instanceof Ms4RefusedError && error.items.length > 0) {
        for (const { id, code } of error.items) sent.fates.set(id, { kind: 'dead', reason: code });
        part = part.filter(({ id }) => !sent.fates.has(id));
        if (part.length > 0) parts.push(part);
      } else if (part.length > 1) {
        const middle = part.length >> 1;
        parts.push(part.slice(0, middle), part.slice(middle));
      } else {
        sent.fates.set(part[0]?.id ?? '', fateOfSingle(error));
      }
    }
  }
  return sent;
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

/** A record that MS4 does not take even alone. */
function fateOfSingle(error: unknown): Fate {
  if (error instanceof Ms4TooLargeError) return { kind: 'dead', reason: 'too_large' };
  if (error instanceof Ms4RefusedError) {
    return { kind: 'dead', reason: error.status === 409 ? 'key_conflict' : 'refused' };
  }
  // A 500 for this one while others were answered: its own fault, perhaps; attempts are counted.
  return { kind: 'retry', code: 'ms4_500' };
}

function pauseFor(error: unknown, openForMs: () => number): Sent['pause'] {
  if (error instanceof BreakerOpenError) return { ms: Math.ceil(error.openForMs), cause: error };
  if (error instanceof RequestHeldError) {
    return { ms: Math.ceil(Math.max(error.retryInMs, PAUSE_MS_MIN)), cause: error };
  }
  if (error instanceof Ms4ThrottledError) {
    return { ms: Math.max(error.retryAfterMs, PAUSE_MS_MIN), cause: error };
  }
  if (error instanceof Ms4AuthError) return { ms: AUTH_PAUSE_MS, cause: error };
  if (error instanceof Ms4UnavailableError || error instanceof Ms4ProtocolError) {
    return { ms: Math.ceil(Math.max(openForMs(), UNAVAILABLE_PAUSE_MS)), cause: error };
  }
  return null;
}
