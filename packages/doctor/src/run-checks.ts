import pTimeout, { TimeoutError } from 'p-timeout';

import { type Check, type Finding, NotCheckableError } from './check.ts';
import type { Installation } from './installation.ts';
import { reasonOf } from './reason-of.ts';

export interface CheckResult {
  name: string;
  status: Finding['status'];
  seen: string;
  /** null: nothing is to be done */
  remedy: string | null;
  details: string[];
  /** ms it took */
  ms: number;
}

/** A check is some requests; the slowest waits 10 s for an answer, as Graph would. */
const DEADLINE_MS = 20_000;

/** Runs all of them at once, each within its deadline. One that throws has failed, and the others go on. */
export function runChecks(
  checks: readonly Check[],
  installation: Installation,
  onDone: (result: CheckResult) => void = () => undefined,
): Promise<CheckResult[]> {
  return Promise.all(
    checks.map(async (check) => {
      const begun = performance.now();
      const { status, seen, remedy = null, details = [] } = await find(check, installation);
      const ms = Math.round(performance.now() - begun);
      const result = { name: check.name, status, seen, remedy, details, ms };
      onDone(result);
      return result;
    }),
  );
}

/** What they come to together. */
export function worstOf(results: readonly CheckResult[]): 'ok' | 'warn' | 'fail' {
  const has = (status: CheckResult['status']): boolean =>
    results.some((result) => result.status === status);
  if (has('fail')) return 'fail';
  return has('warn') ? 'warn' : 'ok';
}

async function find(check: Check, installation: Installation): Promise<Finding> {
  const { deadlineMs = DEADLINE_MS } = check;
  const overdue = new AbortController();
  try {
    return await pTimeout(check.run(installation, overdue.signal), { milliseconds: deadlineMs });
  } catch (error) {
    if (error instanceof NotCheckableError) {
      const { message: seen, remedy } = error;
      return { status: 'skipped', seen, ...(remedy !== undefined && { remedy }) };
    }
    if (error instanceof TimeoutError) {
      return {
        status: 'fail',
        seen: `not finished after ${Math.round(deadlineMs / 1_000)} s`,
        remedy: 'look at the network between here and there, then run ms1 doctor again',
      };
    }
    return {
      status: 'fail',
      seen: `the check itself failed: ${reasonOf(error)}`,
      remedy: 'run ms1 doctor again; if it stays, look at what the line names',
    };
  } finally {
    overdue.abort();
  }
}
