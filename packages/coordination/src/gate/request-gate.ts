import { randomBytes } from 'node:crypto';
import { DEFAULT_KEY_PREFIX } from '@ms1/contracts';
import { defineScript, type Redis, storeKey } from '@ms1/redis';

import { ENTER_LUA, EVIDENCE_LUA, HOLD_LUA, LEAVE_LUA, TRIP_LUA } from './request-gate.lua.ts';

/**
 * What a request said about the service: it had verdicts for the records; it answered, whatever it
 * answered; it failed; or nobody knows, because we ended it ourselves or the fault may be the record's.
 */
export type RequestOutcome = 'delivered' | 'answered' | 'failed' | 'unknown';

interface RequestPermit {
  /** it alone is out, to see whether the service is back */
  readonly isProbe: boolean;
  /** Says how the request ended, and answers what the breaker did about it. */
  leave(outcome: RequestOutcome): Promise<'closed' | 'open' | null>;
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
  /** ms the breaker is open at first; doubled by every failed probe, up to `openMsMax` */
  openMs: number;
  openMsMax: number;
  /** ms after which a probe that never ended is given up: above a request's whole deadline */
  probeMs: number;
  /** ms of a step of the ramp after the breaker closed: 1, 2, 4, 8 ... requests a second; 0: none */
  rampStepMs?: number;
  /** [0, 1) */
  random?: () => number;
}

/**
 * ms after its grant in which a request is expected to reach the service. Its windows run from its end,
 * or from this where it takes longer: that makes the rate hold at the service's own door, whatever the
 * way there takes, at a price of at most a sixth of the rate (1 s in 1.2 s).
 */
const GUARD_MS = 200;

/**
 * One gate for all processes in front of a service: its request rate in every sliding second and
 * minute, one breaker with one probe for the whole fleet, a ramp after it, and the service's own
 * Retry-After. Every HTTP attempt passes it, retries and halves too. All on Redis's time.
 */
export class RequestGate {
  readonly #options: RequestGateOptions;
  readonly #keys: [state: string, probe: string, requests: string];
  readonly #enter: ReturnType<typeof defineScript>;
  readonly #leave: ReturnType<typeof defineScript>;
  readonly #trip: ReturnType<typeof defineScript>;
  readonly #hold: ReturnType<typeof defineScript>;
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
    this.#trip = defineScript(redis, 'ms1GateTrip', TRIP_LUA);
    this.#hold = defineScript(redis, 'ms1GateHold', HOLD_LUA);
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
      permit: { isProbe: value === 1, leave: (outcome) => this.#left(id, outcome) },
    };
  }

  /** A process's breaker opened: nobody enters for a while. Answers for how many ms. */
  async trip(): Promise<number> {
    return (await this.#trip([this.#keys[0]], this.#opening())) as number;
  }

  /** The service asked for so many ms of peace; afterwards everybody may enter. */
  async hold(ms: number): Promise<void> {
    await this.#hold([this.#keys[0]], [Math.ceil(ms), 0]);
  }

  /** The service said that it is down for so many ms; afterwards one probe may enter. */
  async holdAndProbe(ms: number): Promise<void> {
    await this.#hold([this.#keys[0]], [Math.ceil(ms), 1]);
  }

  /** When the service last delivered for anybody, beside the time it is now: ms of Redis's clock, 0: never. */
  async evidence(): Promise<{ now: number; deliveredAt: number }> {
    const [now = 0, deliveredAt = 0] = (await this.#evidence([this.#keys[0]], [])) as number[];
    return { now, deliveredAt };
  }

  async #left(id: string, outcome: RequestOutcome): Promise<'closed' | 'open' | null> {
    const answer = await this.#leave(this.#keys, [id, outcome, ...this.#opening()]);
    return answer === 'closed' || answer === 'open' ? answer : null;
  }

  #opening(): [openMs: number, openMsMax: number, factor: number] {
    const { openMs, openMsMax, random = Math.random } = this.#options;
    return [openMs, openMsMax, 1 + random() * 0.2];
  }
}
