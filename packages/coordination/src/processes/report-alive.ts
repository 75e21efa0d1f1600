import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, systemClock, type Task, VERSION } from '@ms1/runtime';
import pTimeout from 'p-timeout';

import type { ProcessRecord, ProcessStore } from './process-store.ts';

export interface ReportAliveOptions {
  processes: Pick<ProcessStore, 'beat' | 'leave'>;
  /** ingest-api, poller, ... */
  app: string;
  /** when credentials of ours end, as far as this process knows; default none */
  credentials?: ProcessRecord['credentials'];
  /** the last error in our log; undefined: none yet */
  lastError?: () => ProcessRecord['lastError'];
  /** what is not ready and why, by check; empty: ready */
  unready: () => Promise<Record<string, string>>;
  clock?: Clock;
  /** ms between two reports; default 5 s: two may be lost before the record expires */
  everyMs?: number;
}

/** ms that a process takes at most to say goodbye: its record expires anyway. */
const LEAVE_MS = 1_000;

/**
 * Reports that this process is alive, until it stops. While Redis is away it reports nothing; it never fails and never
 * delays the stop.
 */
export function reportAlive(options: ReportAliveOptions): Task {
  const {
    processes,
    app,
    unready,
    credentials = {},
    lastError = () => undefined,
    clock = systemClock,
    everyMs = 5_000,
  } = options;
  const id = randomBytes(6).toString('base64url');
  const startedAt = clock.now();
  const said = { id, app, version: VERSION, host: hostname(), pid: process.pid, startedAt };
  return async (signal) => {
    const stopped = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    while (!signal.aborted) {
      // A worker's connection waits for a Redis that is away: the stop does not wait with it.
      await Promise.race([report(), stopped]);
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
    await pTimeout(processes.leave(id), { milliseconds: LEAVE_MS }).catch(() => undefined);
  };

  async function report(): Promise<void> {
    try {
      const failing = Object.keys(await unready());
      await processes.beat({ ...said, credentials, lastError: lastError(), unready: failing });
    } catch {
      // The readiness check says that Redis is away; this has nothing to add.
    }
  }
}
