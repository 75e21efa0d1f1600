import type { Clock } from '@ms1/runtime';

import type { FaultTable } from '../faults/fault-table.ts';
import type { Reply } from '../http/call.ts';
import { problem } from '../http/problem.ts';

/** What may answer a request in MS4's place, before it looks at the batch: nothing is stored. */
export class RequestFaults {
  readonly #faults: FaultTable;
  readonly #clock: Clock;
  /** arrivals that the rate limit let through, ms of a monotonic clock */
  #passed: number[] = [];

  constructor(faults: FaultTable, clock: Clock) {
    this.#faults = faults;
    this.#clock = clock;
  }

  answer(): Reply | undefined {
    return this.#unwell() ?? this.#throttled() ?? this.#foreign();
  }

  #unwell(): Reply | undefined {
    const faults = this.#faults;
    if (faults.strike('ms4-hang')) return { status: 0, hang: true };
    const failed = faults.strike('ms4-5xx');
    if (failed) return problem(failed.status, 'Failed');
    const down = faults.strike('ms4-down');
    if (!down) return undefined;
    const headers = { 'retry-after': String(down.retryAfterS) };
    return problem(503, 'Service unavailable', { headers });
  }

  #throttled(): Reply | undefined {
    const faults = this.#faults;
    const seconds = faults.strike('ms4-429') ?? this.#overRate();
    if (seconds) return tooMany(String(seconds.retryAfterS));
    const date = faults.strike('ms4-429-date');
    if (!date) return undefined;
    return tooMany(new Date(this.#clock.now() + date.retryAfterS * 1_000).toUTCString());
  }

  #overRate(): { retryAfterS: number } | undefined {
    const limit = this.#faults.strike('ms4-rate-limit');
    if (!limit) return undefined;
    const now = performance.now();
    this.#passed = this.#passed.filter((at) => at > now - limit.ms);
    if (this.#passed.length >= limit.max) return limit;
    this.#passed.push(now);
    return undefined;
  }

  /** Answers of somebody else: a proxy, a gateway. */
  #foreign(): Reply | undefined {
    const faults = this.#faults;
    const auth = faults.strike('ms4-auth');
    if (auth) return problem(auth.status, 'Not authorized');
    if (faults.strike('ms4-key-conflict')) return problem(409, 'The key was used before');
    if (faults.strike('ms4-html')) {
      const headers = { 'content-type': 'text/html' };
      return { status: 200, headers, body: '<html><body>Sign in to continue</body></html>' };
    }
    const redirect = faults.strike('ms4-redirect');
    if (!redirect) return undefined;
    return { status: redirect.status, headers: { location: 'https://elsewhere.example/batches' } };
  }
}

function tooMany(retryAfter: string): Reply {
  return problem(429, 'Too many requests', { headers: { 'retry-after': retryAfter } });
}
