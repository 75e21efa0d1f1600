import { setTimeout as wait } from 'node:timers/promises';
import type { RequestGate, RequestPermit } from '@ms1/coordination';
import {
  type Guard,
  isMs4Silent,
  isMs4Unwell,
  Ms4ThrottledError,
  type SentAs,
} from '@ms1/ms4-client';
import { Breaker, type BreakerOptions } from '@ms1/resilience';

import { RequestHeldError } from './pause-for.ts';

export interface GuardOptions {
  gate: Pick<RequestGate, 'enter'>;
  breaker: BreakerOptions;
  /** told what this process's breaker decided for the fleet */
  onBreaker: (decided: 'closed' | number) => void;
  /** told of a gate that could not be reached */
  onError: (error: unknown) => void;
  /** waits for so many ms, or rejects with the signal's reason */
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export interface Ms4Guard {
  readonly guard: Guard;
  /** Of MS4's breaker, as the gate said last: null while it is closed, else the ms that it stays open. */
  readonly openForMs: () => number | null;
}

/** A turn is waited for with the jobs in hand: below a lock, and short enough for an orderly end. */
const TURN_MS_MAX = 5_000;
/** A probe's answer decides when to ask again, and nobody knows how long it takes. */
const PROBE_WAIT_MS = 1_000;
/** Without Redis nobody knows what the others do; jobs could not be settled either. */
const GATE_LOST_MS = 5_000;

/**
 * Lets a request leave when the gate of the whole fleet grants it, within the rate, and has cockatiel's breaker
 * decide by how it ended, which the gate is told. What is longer than a turn is refused with a
 * {@link RequestHeldError}, for the queue to rest.
 */
export function createGuard(options: GuardOptions): Ms4Guard {
  const { gate, onBreaker, onError } = options;
  const { sleep = (ms, signal) => wait(ms, undefined, { signal }) } = options;
  const breakerAfter = (openings: number | null): Breaker =>
    new Breaker({ ...options.breaker, isTransient: isMs4Unwell, isNeutral: isMs4Silent }, openings);
  let breaker = breakerAfter(null);
  let openForMs: number | null = null;

  const turn = async (signal: AbortSignal): Promise<RequestPermit> => {
    for (let waitedMs = 0; ; ) {
      signal.throwIfAborted();
      const entrance = await gate.enter().catch((cause: unknown) => {
        throw new RequestHeldError('its gate cannot be reached', GATE_LOST_MS, { cause });
      });
      if (entrance.granted) return entrance.permit;
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
  };

  const guard: Guard = async (request, signal, as) => {
    const permit = await turn(signal);
    // The fleet's state is where this process's breaker goes on from.
    if (permit.probeAfter !== null || breaker.state !== 'closed') {
      breaker = breakerAfter(permit.probeAfter);
    }
    const own = breaker;
    let error: unknown = null;
    try {
      if (as === 'question') return await request();
      return await own.execute(request, signal, { counts: as === 'record' });
    } catch (thrown) {
      error = thrown;
      throw thrown;
    } finally {
      const decided = as === 'question' ? null : decisionOf(own, permit);
      try {
        openForMs = await permit.leave({
          delivered: error === null && (as === 'record' || as === 'suspect'),
          breaker: decided,
          retryAfter: retryAfterOf(error, as),
        });
        if (decided !== null) onBreaker(decided);
      } catch (lost) {
        // The gate counts an untold request at its worst, and gives up an untold probe by itself.
        onError(lost);
      }
    }
  };

  return { guard, openForMs: () => openForMs };
}

function decisionOf(breaker: Breaker, { probeAfter }: RequestPermit): 'closed' | number | null {
  if (breaker.state === 'closed') return probeAfter === null ? null : 'closed';
  return breaker.openForMs() || null;
}

/** A 503's is that MS4 is down: it is asked by one probe then. A suspect's may be about the suspect. */
function retryAfterOf(error: unknown, as: SentAs): { ms: number; thenProbe: boolean } | null {
  if (!(error instanceof Ms4ThrottledError) || as === 'suspect') return null;
  return { ms: error.retryAfterMs, thenProbe: error.status === 503 };
}
