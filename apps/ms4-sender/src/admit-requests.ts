import { setTimeout as wait } from 'node:timers/promises';
import {
  type Admission,
  isMs4Transient,
  Ms4Error,
  Ms4ThrottledError,
  type SentAs,
} from '@ms1/ms4-client';

import { RequestHeldError } from './request-held-error.ts';

type Outcome = 'delivered' | 'answered' | 'failed' | 'unknown';

/** The part of coordination's RequestGate that a sender uses. */
export interface Gate {
  enter(): Promise<
    | { granted: true; permit: { leave(outcome: Outcome): Promise<'closed' | 'open' | null> } }
    | { granted: false; reason: string; retryInMs: number }
  >;
  hold(ms: number): Promise<void>;
  holdAndProbe(ms: number): Promise<void>;
}

export interface AdmissionOptions {
  gate: Gate;
  /** told when this process's probe closed the fleet's breaker or opened it again */
  onBreaker: (state: 'closed' | 'open') => void;
  /** told of a gate that could not be reached */
  onError: (error: unknown) => void;
  /** waits for so many ms, or rejects with the signal's reason */
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** A turn is waited for with the jobs in hand: below a lock, and short enough for an orderly end. */
const TURN_MS_MAX = 5_000;
/** A probe's answer decides when to ask again, and nobody knows how long it takes. */
const PROBE_WAIT_MS = 1_000;
/** Without Redis nobody knows what the others do; jobs could not be settled either. */
const GATE_LOST_MS = 5_000;

/**
 * Lets a request leave when the gate of the whole fleet grants it, waits for a turn of the rate, and
 * tells the gate how each request ended. What is longer than a turn is refused with a
 * {@link RequestHeldError}, for the queue to rest.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { gate, onBreaker, onError } = options;
  const { sleep = (ms, signal) => wait(ms, undefined, { signal }) } = options;

  const ask: Gate['enter'] = () =>
    gate.enter().catch((cause: unknown) => {
      throw new RequestHeldError('its gate cannot be reached', GATE_LOST_MS, { cause });
    });

  const told = async (
    permit: { leave: (outcome: Outcome) => Promise<'closed' | 'open' | null> },
    error: unknown,
    as: SentAs,
  ) => {
    try {
      const change = await permit.leave(outcomeOf(error, as));
      if (change) onBreaker(change);
      if (!(error instanceof Ms4ThrottledError) || as === 'suspect') return;
      if (error.status === 503) await gate.holdAndProbe(error.retryAfterMs);
      else await gate.hold(error.retryAfterMs);
    } catch (lost) {
      // The gate counts an untold request at its worst, and gives up an untold probe by itself.
      onError(lost);
    }
  };

  return {
    async enter(signal) {
      for (let waitedMs = 0; ; ) {
        signal.throwIfAborted();
        const entrance = await ask();
        if (entrance.granted) return (error, as) => told(entrance.permit, error, as);
        const { reason, retryInMs } = entrance;
        if (reason === 'probing') {
          throw new RequestHeldError(reason, Math.min(retryInMs, PROBE_WAIT_MS));
        }
        waitedMs += retryInMs;
        if (reason !== 'paced' || waitedMs > TURN_MS_MAX) {
          throw new RequestHeldError(reason, retryInMs);
        }
        await sleep(retryInMs, signal);
      }
    },
  };
}

/**
 * Every answer shows that MS4 is there, but for those by which it says that it is not well; and that may
 * be the fault of a suspect, so the next probe need not wait longer for it.
 */
function outcomeOf(error: unknown, as: SentAs): Outcome {
  if (error === null) return as === 'control' ? 'answered' : 'delivered';
  const isUnwell =
    isMs4Transient(error) || (error instanceof Ms4ThrottledError && error.status === 503);
  if (isUnwell) return as === 'suspect' ? 'unknown' : 'failed';
  return error instanceof Ms4Error ? 'answered' : 'unknown';
}
