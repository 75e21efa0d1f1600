import type { Clock } from '@ms1/runtime';

import type { Reply } from '../http/call.ts';
import { graphError } from './graph-error.ts';

/** docs/graph-contract.md#throttling: per app and mailbox. */
const IN_FLIGHT_MAX = 4;
const WINDOW_REQUESTS = 10_000;
const WINDOW_MS = 600_000;

export interface ThrottleOptions {
  readonly clock: Clock;
  /** smaller in tests */
  readonly windowRequests?: number;
  readonly windowMs?: number;
}

/** What is asked for, as the quota is told by. */
export type RequestKind = 'message' | 'attachments' | 'page' | 'delta' | 'other';

interface Usage {
  readonly mailboxId: string;
  inFlight: number;
  inFlightMax: number;
  /** when each of the last `windowRequests` requests came; refused ones too, they count as well */
  readonly times: Float64Array;
  /** requests in its window's ring since it began */
  count: number;
  refused: { inFlight: number; requests: number };
  units: Partial<Record<RequestKind, number>>;
}

/** The limits of one app on each mailbox: 4 in flight and 10,000 requests in any 10 minutes. */
export class Throttle {
  readonly #clock: Clock;
  readonly #windowRequests: number;
  readonly #windowMs: number;
  readonly #usage = new Map<string, Usage>();
  /** requests counted against mailboxes, refused ones included */
  quotaUnits = 0;
  throttled = 0;
  /** the most requests that were in flight, or tried to be, for one app and mailbox at once */
  inFlightMax = 0;

  constructor(options: ThrottleOptions) {
    this.#clock = options.clock;
    this.#windowRequests = options.windowRequests ?? WINDOW_REQUESTS;
    this.#windowMs = options.windowMs ?? WINDOW_MS;
  }

  /** Lets a request in, or answers it with 429. The caller must call `leave` when its answer is ready. */
  enter(
    appId: string,
    mailboxId: string,
    kind: RequestKind = 'other',
  ): { leave: () => void } | { refusal: Reply } {
    const usage = this.#usageOf(appId, mailboxId);
    const now = this.#clock.now();
    const slot = usage.count % this.#windowRequests;
    const oldest =
      usage.count < this.#windowRequests ? Number.NEGATIVE_INFINITY : (usage.times[slot] ?? 0);
    usage.times[slot] = now;
    usage.count += 1;
    usage.units[kind] = (usage.units[kind] ?? 0) + 1;
    this.quotaUnits += 1;
    usage.inFlightMax = Math.max(usage.inFlightMax, usage.inFlight + 1);
    this.inFlightMax = Math.max(this.inFlightMax, usage.inFlightMax);
    if (oldest > now - this.#windowMs) {
      usage.refused.requests += 1;
      const waitS = Math.ceil((oldest + this.#windowMs - now) / 1_000);
      return { refusal: this.#refuse(waitS, 'RequestCount') };
    }
    if (usage.inFlight >= IN_FLIGHT_MAX) {
      usage.refused.inFlight += 1;
      return { refusal: this.#refuse(1, 'MailboxConcurrency') };
    }
    usage.inFlight += 1;
    return {
      leave: () => {
        usage.inFlight -= 1;
      },
    };
  }

  /** What was asked of each mailbox since the start or the last {@link forget}, over all apps one entry each. */
  report(): object[] {
    return [...this.#usage.values()].map(({ mailboxId, inFlightMax, refused, units }) => ({
      mailboxId,
      inFlightMax,
      refused: { ...refused },
      units: { ...units },
      quotaUnits: Object.values(units).reduce((sum, count) => sum + count, 0),
    }));
  }

  /** Begins the report anew. What counts against the quota goes on counting. */
  forget(): void {
    for (const usage of this.#usage.values()) {
      usage.inFlightMax = usage.inFlight;
      usage.refused = { inFlight: 0, requests: 0 };
      usage.units = {};
    }
  }

  #refuse(retryAfterS: number, limit: string): Reply {
    this.throttled += 1;
    return graphError(429, 'ApplicationThrottled', `Application is over its ${limit} limit.`, {
      headers: { 'retry-after': String(retryAfterS) },
      bare: true,
    });
  }

  #usageOf(appId: string, mailboxId: string): Usage {
    const key = `${appId}:${mailboxId}`;
    const known = this.#usage.get(key);
    if (known) return known;
    const usage: Usage = {
      mailboxId,
      inFlight: 0,
      inFlightMax: 0,
      times: new Float64Array(this.#windowRequests),
      count: 0,
      refused: { inFlight: 0, requests: 0 },
      units: {},
    };
    this.#usage.set(key, usage);
    return usage;
  }
}

/** What the segments below `/users/{id}` ask for. */
export function kindOf(segments: readonly string[]): RequestKind {
  const below = segments[0] === 'mailfolders' ? segments.slice(2) : segments;
  const [collection, id, part] = below;
  if (collection !== 'messages') return 'other';
  if (id === undefined) return 'page';
  if (id === 'delta') return 'delta';
  return part === 'attachments' ? 'attachments' : 'message';
}
