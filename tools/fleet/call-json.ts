import { setTimeout as delay } from 'node:timers/promises';

import { FleetError } from './fleet-error.ts';

export interface CallOptions {
  method?: 'GET' | 'POST';
  token: string;
  body?: object;
  signal?: AbortSignal;
}

/** An answer other than 2xx. */
class CallError extends FleetError {
  constructor(what: string, status: number, detail: string) {
    super(`${what} answered ${status}: ${detail}`);
    this.name = 'CallError';
  }
}

const TIMEOUT_MS = 15_000;
/** ms between tries: a process that is being restarted is back within the sum of these */
const RETRY_MS = [250, 1_000, 3_000, 8_000];

/**
 * Fetches from a process of the fleet, which may be starting again: no answer, or one that says that it is not well, is
 * asked for again. What it is used for is idempotent on the other side.
 */
export async function fetchPatiently(url: string, init: RequestInit): Promise<Response> {
  const { signal } = init;
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    const wait = RETRY_MS[attempt];
    try {
      const signals = [AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])];
      const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
      if (response.status < 500 || wait === undefined) return response;
      await response.body?.cancel();
    } catch (error) {
      if (signal?.aborted || wait === undefined) throw error;
    }
    await delay(wait);
  }
}

/**
 * Calls a JSON API of the fleet.
 *
 * @throws {CallError}
 */
export async function callJson<T>(url: string, options: CallOptions): Promise<T> {
  const { method = 'GET', token, body, signal } = options;
  const response = await fetchPatiently(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
    ...(signal && { signal }),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  const what = `${method} ${new URL(url).pathname}`;
  throw new CallError(what, response.status, text.slice(0, 300));
}
