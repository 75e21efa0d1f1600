import type { IQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';

import { type FetchResult, NOTHING_FETCHED } from './batch-driver.ts';
import type { BatchSettings } from './batch-options.ts';
import { GATE_LUA, gateKey } from './gate-lua.ts';
import type { ScriptClient } from './script-client.ts';

const OPEN = 'ms1BatchGateOpen';
const LEAVE = 'ms1BatchGateLeave';

/** ms; how long a worker that died inside the gate keeps the others out */
const INSIDE_MS = 2_000;
/** ms to the next try of a worker that found another one inside */
const TURN_MS = 5;

/** KEYS: gate. ARGV: available, min, timeout, idle */
const OPEN_LUA = `${GATE_LUA}
return gateWait(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]))
`;

/** KEYS: inside. ARGV: token */
const LEAVE_LUA = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`;

/**
 * minSize where fetching takes several calls: one worker at a time counts and takes, so that two of them do not share one
 * full batch between them. All keys are ours.
 */
export class PublicGate {
  readonly #backend: IQueueBackend;
  readonly #client: ScriptClient & Pick<Redis, 'set'>;
  readonly #settings: BatchSettings;
  readonly #inside: string;
  readonly #gate: string;

  constructor(backend: IQueueBackend, client: ScriptClient, settings: BatchSettings) {
    this.#backend = backend;
    this.#client = client as ScriptClient & Pick<Redis, 'set'>;
    this.#settings = settings;
    this.#gate = gateKey(backend.toKey('limiter'));
    this.#inside = `${this.#gate}:inside`;
    client.defineCommand(OPEN, { numberOfKeys: 1, lua: OPEN_LUA });
    client.defineCommand(LEAVE, { numberOfKeys: 1, lua: LEAVE_LUA });
  }

  /** Runs `take` when the gate is open; says what to wait for when it is not. */
  async pass(token: string, take: () => Promise<FetchResult>): Promise<FetchResult> {
    if (this.#settings.minSize <= 1) return take();
    const entered = await this.#client.set(this.#inside, token, 'PX', INSIDE_MS, 'NX');
    if (entered === null) return { ...NOTHING_FETCHED, wakeMs: TURN_MS, held: true };
    try {
      return (await this.#closed()) ?? (await take());
    } finally {
      await this.#client.runCommand(LEAVE, [this.#inside, token]);
    }
  }

  async #closed(): Promise<FetchResult | null> {
    const { minSize, timeout, idle } = this.#settings;
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
