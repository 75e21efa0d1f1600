import type { IQueueBackend } from 'bullmq';

import { type FetchResult, NOTHING_FETCHED } from './batch-driver.ts';
import type { BatchSettings } from './batch-options.ts';
import { GATE_LUA, gateKey, requestsKey } from './gate-lua.ts';
import type { ScriptClient } from './script-client.ts';

const ENTER = 'ms1BatchGateEnter';
const OPEN = 'ms1BatchGateOpen';
const LEAVE = 'ms1BatchGateLeave';

/** ms; how long a worker that died inside the gate keeps the others out */
const INSIDE_MS = 2_000;
/** ms to the next try of a worker that found another one inside */
const TURN_MS = 5;

/** KEYS: inside, requests. ARGV: token, max, duration. The answer: ms until a request may start, or -1: somebody is inside */
const ENTER_LUA = `${GATE_LUA}
local wait = requestWait(KEYS[2], tonumber(ARGV[2]), tonumber(ARGV[3]))
if wait > 0 then return wait end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ${INSIDE_MS}) then return 0 end
return -1
`;

/** KEYS: gate. ARGV: available, min, timeout, idle */
const OPEN_LUA = `${GATE_LUA}
return gateWait(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]))
`;

/** KEYS: inside, requests. ARGV: token, max, duration, jobs taken */
const LEAVE_LUA = `${GATE_LUA}
if tonumber(ARGV[4]) > 0 then requestStarted(KEYS[2], tonumber(ARGV[2]), tonumber(ARGV[3])) end
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`;

/**
 * minSize and the request limiter where fetching takes several calls: one worker at a time counts and takes, so that two
 * of them do not share one full batch between them. All keys are ours.
 */
export class PublicGate {
  readonly #backend: IQueueBackend;
  readonly #client: ScriptClient;
  readonly #settings: BatchSettings;
  readonly #inside: string;
  readonly #gate: string;
  readonly #requests: string;

  constructor(backend: IQueueBackend, client: ScriptClient, settings: BatchSettings) {
    this.#backend = backend;
    this.#client = client;
    this.#settings = settings;
    const limiter = backend.toKey('limiter');
    this.#gate = gateKey(limiter);
    this.#inside = `${this.#gate}:inside`;
    this.#requests = requestsKey(limiter);
    client.defineCommand(ENTER, { numberOfKeys: 2, lua: ENTER_LUA });
    client.defineCommand(OPEN, { numberOfKeys: 1, lua: OPEN_LUA });
    client.defineCommand(LEAVE, { numberOfKeys: 2, lua: LEAVE_LUA });
  }

  /** Runs `take` when the gate is open; says what to wait for when it is not. */
  async pass(token: string, take: () => Promise<FetchResult>): Promise<FetchResult> {
    const { minSize, requestLimiter } = this.#settings;
    if (minSize <= 1 && requestLimiter.max === 0) return take();
    const limits = [requestLimiter.max, requestLimiter.duration];
    const keys = [this.#inside, this.#requests];
    const entered = (await this.#client.runCommand(ENTER, [...keys, token, ...limits])) as number;
    if (entered > 0) return { ...NOTHING_FETCHED, limitMs: entered };
    if (entered < 0) return { ...NOTHING_FETCHED, wakeMs: TURN_MS, held: true };
    let taken = 0;
    try {
      const fetched = (await this.#closed()) ?? (await take());
      taken = fetched.jobs.length;
      return fetched;
    } finally {
      await this.#client.runCommand(LEAVE, [...keys, token, ...limits, taken]);
    }
  }

  async #closed(): Promise<FetchResult | null> {
    const { minSize, timeout, idle } = this.#settings;
    if (minSize <= 1) return null;
    const counts = await this.#backend.getCounts(
      ['wait', 'prioritized', 'delayed'],
      Date.now() + 1,
    );
    const available = counts.reduce((sum, count) => sum + count, 0);
    const gateMs = (await this.#client.runCommand(OPEN, [
      this.#gate,
      available,
      minSize,
      timeout,
      idle,
    ])) as number;
    if (gateMs === 0) return null;
    // When a delayed job is due shows on the marker, for which the loop waits.
    return { ...NOTHING_FETCHED, wakeMs: gateMs > 0 ? gateMs : null, held: available > 0 };
  }
}
