import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface OpenLoopOptions {
  readonly url: string;
  readonly perSecond: number;
  /** requests in all */
  readonly requests: number;
  /** the JSON of one request */
  readonly bodyOf: (index: number) => string;
  readonly headers?: Record<string, string>;
}

export interface Sent {
  /** ms from the moment it was due, not from the moment it was sent */
  readonly ms: number;
  /** 0: no answer */
  readonly status: number;
}

/** ms after which an answer is none, as Graph counts (docs/graph-contract.md#answer-times) */
const TIMEOUT_MS = 10_000;

/**
 * Sends at fixed times whatever the answers do, and measures from the time that was fixed: a server that
 * stands still for a second delays every request of that second, and each of them counts ("coordinated
 * omission" is leaving them out, as a client does that waits for an answer before it sends the next).
 */
export async function openLoop(options: OpenLoopOptions): Promise<Sent[]> {
  const { perSecond, requests, bodyOf } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const sent: Promise<Sent>[] = [];
  const start = performance.now() + 5;
  while (sent.length < requests) {
    const due = Math.min(requests, Math.ceil(((performance.now() - start) / 1_000) * perSecond));
    for (let index = sent.length; index < due; index += 1) {
      sent.push(post(agent, options, bodyOf(index), start + (index / perSecond) * 1_000));
    }
    await delay(1);
  }
  const all = await Promise.all(sent);
  agent.destroy();
  return all;
}

function post(agent: Agent, options: OpenLoopOptions, body: string, dueAt: number): Promise<Sent> {
  return new Promise((resolve) => {
    const done = (status: number): void => resolve({ ms: performance.now() - dueAt, status });
    const headers = {
      ...options.headers,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    };
    const req = request(
      options.url,
      { method: 'POST', agent, headers, timeout: TIMEOUT_MS },
      (res) => {
        res.resume();
        res.once('end', () => done(res.statusCode ?? 0));
      },
    );
    req.once('timeout', () => req.destroy());
    req.once('error', () => done(0));
    req.end(body);
  });
}

/** The value below which `share` of the values are: 0.99 for p99. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
