import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { type OpenFleet, openFleet } from '../chaos/fleet/open-fleet.ts';
import { within } from '../chaos/rows/process-waiting.ts';
import { MailPump } from '../chaos/run/mail-pump.ts';
import { consoleOf } from '../fleet/console-client.ts';
import { type RunningPrometheus, startPrometheus } from '../prometheus/start-prometheus.ts';
import type { AlertCause, Trial } from './alert-cause.ts';
import { AlertWatch, type Fired } from './alert-watch.ts';
import { FACTOR, scaleRules } from './scale-rules.ts';

/** One process of each role: what its absence does is to be seen. Twenty mailboxes keep more than one processor busy. */
const SHAPE = {
  ofEach: 1,
  mailboxes: 20,
  // Few enough for a flood from this machine to exceed.
  env: { INGEST_API_POSTS_PER_SECOND_MAX: '100' },
};
const SEED = 11;
/** Mail that comes all the while, in the first half of the mailboxes. */
const STEADY = { seed: 12, messages: 100_000, mailboxes: 10, perSecond: 5 };
/** s; windows of fifteen seconds need several points */
const INTERVAL_S = 3;
export const QUIET_MS = (60 * 60_000) / FACTOR;
const LIMIT_MS = 180_000;
/** what grew within an hour did so three minutes ago at the most */
const ENDS_MS = 200_000;

export interface TrialPlan {
  first: readonly AlertCause[];
  last: readonly AlertCause[];
  /** before the first: nothing may fire */
  quietMs: number;
}

interface CauseReport {
  readonly cause: AlertCause;
  readonly fired: readonly Fired[];
  /** why there is no more of it */
  readonly problem: string | null;
}

export interface TrialReport {
  readonly reports: readonly CauseReport[];
  readonly unexpected: readonly string[];
}

export interface TrialEvents {
  onCause: (report: CauseReport) => void;
  /** while Prometheus is still there, also when the trial is stopped */
  onEnd: (prometheus: RunningPrometheus, from: number, to: number) => Promise<void>;
}

/** Makes one cause after the other in a fleet that a real Prometheus watches, by the rules as they are shipped. */
export async function runTrial(
  rulesFile: string,
  { first, last, quietMs }: TrialPlan,
  say: (text: string) => void,
  signal: AbortSignal,
  { onCause, onEnd }: TrialEvents,
): Promise<TrialReport> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ms1-alerts-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const fleet = stack.use(await openFleet(SEED, signal, SHAPE));
  const scaled = join(folder, 'rules.yaml');
  await writeFile(scaled, scaleRules(await readFile(rulesFile, 'utf8')));
  const prometheus = stack.use(
    await startPrometheus(portsOf(fleet), scaled, { intervalS: INTERVAL_S }),
  );
  const over = new AbortController();
  const stopped = AbortSignal.any([signal, over.signal]);
  const [noMail, watch] = [new AbortController(), new AlertWatch(() => prometheus.alerts())];
  const pump = new MailPump(fleet, STEADY);
  pump.allow(STEADY.messages);
  const coming = pump.run(AbortSignal.any([stopped, noMail.signal])).catch(() => undefined);
  let watching = Promise.resolve();
  stack.defer(async () => {
    over.abort();
    await Promise.all([coming, watching]);
  });
  const trial: Trial = {
    fleet,
    console: consoleOf(fleet.consoles[0] ?? '', fleet.consoleToken),
    signal,
    stopMail: () => noMail.abort(),
  };
  const isCalm = async (): Promise<boolean> => (await prometheus.alerts()).length === 0;
  await within(60_000, 'Prometheus has seen everything', isCalm, signal);
  watching = watch.run(stopped);
  const from = Date.now();
  // What was opened last is closed first.
  stack.defer(() => onEnd(prometheus, from, Date.now()));
  say(`quiet for ${quietMs / 1_000} s`);
  await delay(quietMs, undefined, { signal });
  const unexpectedSoFar = (): string =>
    watch.unexpected.length === 0 ? '' : ` (unexpected so far: ${watch.unexpected.join(', ')})`;
  const lane = async (own: readonly AlertCause[]): Promise<CauseReport[]> => {
    const reports: CauseReport[] = [];
    for (const cause of own) {
      const report = await runCause(cause, trial, watch);
      reports.push(report);
      onCause(report);
      say(`${lineOf(report)}${unexpectedSoFar()}`);
    }
    return reports;
  };
  const lanes = await Promise.all([
    lane(first.filter(({ isSlow }) => !isSlow)),
    lane(first.filter(({ isSlow }) => isSlow)),
  ]);
  const reports = [...lanes.flat(), ...(await lane(last))];
  return { reports, unexpected: watch.unexpected };
}

async function runCause(cause: AlertCause, trial: Trial, watch: AlertWatch): Promise<CauseReport> {
  const { alerts, afterwards = [], also = [], limitMs = LIMIT_MS } = cause;
  const expected = [...alerts, ...afterwards, ...also];
  const calm = watch.expect(expected);
  const fired: Fired[] = [];
  try {
    const since = Date.now();
    const mend = await cause.make(trial);
    try {
      fired.push(...(await watch.allFire(alerts, since, limitMs, trial.signal)));
    } finally {
      await mend();
    }
    fired.push(...(await watch.allFire(afterwards, since, limitMs, trial.signal)));
    // Those of hours last for minutes here.
    const left = await watch.allEnd(alerts, ENDS_MS, trial.signal);
    return { cause, fired, problem: left.length > 0 ? `does not end: ${left.join(', ')}` : null };
  } catch (error) {
    trial.signal.throwIfAborted();
    return { cause, fired, problem: (error as Error).message };
  } finally {
    calm();
  }
}

function lineOf({ cause, fired, problem }: CauseReport): string {
  const times = fired.map((one) => `${one.alert} ${one.noticedS} s, ${one.firedS} s`);
  return `${cause.name}: ${[...times, ...(problem ? [problem] : [])].join('; ')}`;
}

const portsOf = ({ processes }: OpenFleet): Record<string, number> =>
  Object.fromEntries(processes.map(({ role, health }) => [role, Number(new URL(health).port)]));
