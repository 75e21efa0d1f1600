import type { Clock } from '@ms1/runtime';

import type { Reply } from '../http/call.ts';
import { graphError } from './graph-error.ts';

/** Graph contract 7: per app and mailbox. */
const IN_FLIGHT_MAX = 4;
const WINDOW_REQUESTS = 10_000;
const WINDOW_MS = 600_000;

export interface ThrottleOptions {
  readonly clock: Clock;
  /** smaller in tests */
  readonly windowRequests?: number;
}

interface Usage {
  inFlight: number;
  /** when each of the last `windowRequests` requests came; refused ones too, they count as well */
  readonly times: Float64Array;
  count: number;
}

/** The limits of one app on each mailbox: 4 in flight and 10,000 requests in any 10 minutes. */
export class Throttle {
  readonly #clock: Clock;
  readonly #windowRequests: number;
  readonly #usage = new Map<string, Usage>();
  /** requests counted against mailboxes, refused ones included */
  quotaUnits = 0;
  throttled = 0;
  /** the most requests that were in flight, or tried to be, for one app and mailbox at once */
  inFlightMax = 0;

  constructor({ clock, windowRequests = WINDOW_REQUESTS }: ThrottleOptions) {
    this.#clock = clock;
    this.#windowRequests = windowRequests;
  }

  /** Lets a request in, or answers it with 429. The caller must call `leave` when its answer is ready. */
  enter(appId: string, mailboxId: string): { leave: () => void } | { refusal: Reply } {
    const usage = this.#usageOf(`${appId}:${mailboxId}`);
    const now = this.#clock.now();
    const slot = usage.count % this.#windowRequests;
    const oldest =
      usage.count < this.#windowRequests ? Number.NEGATIVE_INFINITY : (usage.times[slot] ?? 0);
    usage.times[slot] = now;
    usage.count += 1;
    this.quotaUnits += 1;
    this.inFlightMax = Math.max(this.inFlightMax, usage.inFlight + 1);
    if (oldest > now - WINDOW_MS) {
      return {
        refusal: this.#refuse(Math.ceil((oldest + WINDOW_MS - now) / 1_000), 'RequestCount'),
      };
    }
    if (usage.inFlight >= IN_FLIGHT_MAX) return { refusal: this.#refuse(1, 'MailboxConcurrency') };
    usage.inFlight += 1;
    return {
      leave: () => {
        usage.inFlight -= 1;
      },
    };
  }

  #refuse(retryAfterS: number, limit: string): Reply {
    this.throttled += 1;
    return graphError(429, 'ApplicationThrottled', `Application is over its ${limit} limit.`, {
      headers: { 'retry-after': String(retryAfterS) },
      bare: true,
    });
  }

  #usageOf(key: string): Usage {
    const known = this.#usage.get(key);
    if (known) return known;
    const usage: Usage = { inFlight: 0, times: new Float64Array(this.#windowRequests), count: 0 };
    this.#usage.set(key, usage);
    return usage;
  }
}
