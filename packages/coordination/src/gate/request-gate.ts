import { randomBytes } from 'node:crypto';
import { DEFAULT_KEY_PREFIX } from '@ms1/contracts';
import { defineScript, type Redis, storeKey } from '@ms1/redis';

import { ENTER_LUA, EVIDENCE_LUA, LEAVE_LUA } from './request-gate.lua.ts';

/** How a request ended, for all processes. */
export interface RequestEnd {
  /** the service had verdicts for it */
  delivered?: boolean;
  /** what this process's breaker decided by it: open for so many ms; default: nothing */
  breaker?: 'closed' | number | null;
  /** the service asked for so many ms of peace; afterwards everybody may enter, or one probe */
  retryAfter?: { ms: number; thenProbe: boolean } | null;
}

export interface RequestPermit {
  /**
   * not null: the breaker is half-open after so many openings in a row, and this request alone is out, to see whether
   * the service is back
   */
  readonly probeAfter: number | null;
  /** Answers for how many ms the fleet's breaker is open, 0 while it is half-open, null while it is closed. */
  leave(end: RequestEnd): Promise<number | null>;
}

export type Entrance =
  | { granted: true; permit: RequestPermit }
  | {
      granted: false;
      /**
       * held     the service said for how long (Retry-After)
       * open     the breaker is open
       * probing  it is half-open and its probe is out
       * paced    the rate is used up
       */
      reason: 'held' | 'open' | 'probing' | 'paced';
      retryInMs: number;
    };

export interface RequestGateOptions {
  prefix?: string;
  /** which service: one gate each */
  service: string;
  /** requests in any 1 s and in any 60 s, over all processes */
  perSecond: number;
  perMinute: number;
  /** ms after which a probe that never ended is given up: above a request's whole deadline */
  probeMs: number;
  /** ms of a step of the ramp after the breaker closed: 1, 2, 4, 8 ... requests a second; 0: none */
  rampStepMs?: number;
}

/**
 * ms after its grant in which a request is expected to reach the service. Its windows run from its end,
 * or from this where it takes longer: that makes the rate hold at the service's own door, whatever the
 * way there takes, at a price of at most a sixth of the rate (1 s in 1.2 s).
 */
const GUARD_MS = 200;

/**
 * The gate before a service, shared by all processes, on Redis's time. It holds the request rate in every sliding
 * second and minute, the state of the breaker, the fleet's one probe, the ramp after it, and the service's Retry-After.
 * Every HTTP request passes it, retries and halves too. It decides nothing: breakers do.
 */
export class RequestGate {
  readonly #options: RequestGateOptions;
  readonly #keys: [state: string, probe: string, requests: string];
  readonly #enter: ReturnType<typeof defineScript>;
  readonly #leave: ReturnType<typeof defineScript>;
  readonly #evidence: ReturnType<typeof defineScript>;

  constructor(redis: Redis, options: RequestGateOptions) {
    const { prefix = DEFAULT_KEY_PREFIX, service } = options;
    this.#options = options;
    this.#keys = [
      storeKey(prefix, service, 'gate'),
      storeKey(prefix, service, 'probe'),
      storeKey(prefix, service, 'requests'),
    ];
    this.#enter = defineScript(redis, 'ms1GateEnter', ENTER_LUA);
    this.#leave = defineScript(redis, 'ms1GateLeave', LEAVE_LUA);
    this.#evidence = defineScript(redis, 'ms1GateEvidence', EVIDENCE_LUA);
  }

  /** Asks to make one request now. Never waits. */
  async enter(): Promise<Entrance> {
    const { perSecond, perMinute, probeMs, rampStepMs = 1_000 } = this.#options;
    const id = randomBytes(9).toString('base64url');
    const [answer, value] = (await this.#enter(this.#keys, [
      id,
      perSecond,
      perMinute,
      GUARD_MS,
      probeMs,
      rampStepMs,
    ])) as ['granted' | 'held' | 'open' | 'probing' | 'paced', number];
    if (answer !== 'granted') return { granted: false, reason: answer, retryInMs: value };
    return {
      granted: true,
      permit: { probeAfter: value < 0 ? null : value, leave: (end) => this.#left(id, end) },
    };
  }

  /** When the service last delivered for anybody, beside the time it is now: ms of Redis's clock, 0: never. */
  async evidence(): Promise<{ now: number; deliveredAt: number }> {
    const [now = 0, deliveredAt = 0] = (await this.#evidence([this.#keys[0]], [])) as number[];
    return { now, deliveredAt };
  }

  async #left(id: string, { delivered, breaker, retryAfter }: RequestEnd): Promise<number | null> {
    const openForMs = (await this.#leave(this.#keys, [
      id,
      delivered ? 1 : 0,
      typeof breaker === 'number' ? Math.ceil(breaker) : (breaker ?? ''),
      retryAfter ? Math.ceil(retryAfter.ms) : '',
      retryAfter?.thenProbe ? 'openUntil' : 'heldUntil',
    ])) as number;
    return openForMs < 0 ? null : openForMs;
  }
}
