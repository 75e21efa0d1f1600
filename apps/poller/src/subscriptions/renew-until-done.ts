import type { RenewalReport } from './renew-subscriptions.ts';

export interface RenewUntilDoneOptions {
  run: (signal: AbortSignal) => Promise<RenewalReport>;
  wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * 1 + 2 + 4 + 8 + 16 s: a fleet that starts together has its webhook up within seconds, and Graph
 * refuses a subscription whose endpoint does not answer yet. What lasts longer waits for the next tick.
 */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 16_000];

/** Runs the renewal again, soon, while something of it failed or is in doubt. Answers with the last report. */
export async function renewUntilDone(
  { run, wait }: RenewUntilDoneOptions,
  signal: AbortSignal,
): Promise<RenewalReport> {
  const total = { created: 0, renewed: 0, removed: 0 };
  for (let attempt = 0; ; attempt += 1) {
    const report = await run(signal);
    total.created += report.created;
    total.renewed += report.renewed;
    total.removed += report.removed;
    const waitMs = WAITS_MS[attempt];
    const done = report.failures.length === 0 && report.missing === 0;
    if (done || waitMs === undefined) return { ...report, ...total };
    await wait(waitMs, signal);
  }
}
