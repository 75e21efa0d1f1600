import { setTimeout as delay } from 'node:timers/promises';

import { FleetError } from './fleet-error.ts';

export interface CallOptions {
  method?: 'GET' | 'POST';
  token: string;
  body?: object;
  signal?: AbortSignal;
}

/** An answer other than 2xx. */
export class CallError extends FleetError {
  readonly status: number;

  constructor(what: string, status: number, detail: string) {
    super(`${what} answered ${status}: ${detail}`);
    this.name = 'CallError';
    this.status = status;
  }
}

const TIMEOUT_MS = 15_000;
/** ms between tries: a process that is being restarted is back within the sum of these */
const RETRY_MS = [250, 1_000, 3_000, 8_000];

/**
 * Calls a JSON API of the fleet. What it is used for is idempotent on the other side, so a refused or
 * broken connection is tried again.
 *
 * @throws {CallError}
 */
export async function callJson<T>(url: string, options: CallOptions): Promise<T> {
  const { method = 'GET', token, body, signal } = options;
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      const response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
        ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
        signal: AbortSignal.any([
          AbortSignal.timeout(TIMEOUT_MS),
          ...(signal === undefined ? [] : [signal]),
        ]),
      });
      const text = await response.text();
      if (response.ok) return JSON.parse(text) as T;
      const what = `${method} ${new URL(url).pathname}`;
      if (response.status < 500) throw new CallError(what, response.status, text.slice(0, 300));
      throw new Error(`${what} answered ${response.status}: ${text.slice(0, 300)}`);
    } catch (error) {
      const wait = RETRY_MS[attempt];
      if (error instanceof CallError || signal?.aborted || wait === undefined) throw error;
      await delay(wait);
    }
  }
}
