import { auditSeed } from '../audit/audit-seed.ts';
import type { RowWindow } from '../audit/evidence.ts';
import { Witnesses } from '../audit/witnesses.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { Dice } from '../dice.ts';
import { MAILBOXES, type OpenFleet, openFleet } from '../fleet/open-fleet.ts';
import { type RowOutcome, type SeedReport, seedReport } from '../report/seed-report.ts';
import { MailPump } from './mail-pump.ts';
import { quiescence } from './quiescence.ts';
import type { RunScreen } from './run-screen.ts';
import { openSession } from './session.ts';
import { waitUntilWatched } from './wait-until-watched.ts';
import { watchRecovery } from './watch-recovery.ts';

export interface SeedRun {
  readonly seed: number;
  readonly messages: number;
  readonly rows: readonly ChaosRow[];
  /** ms that faults are put in for, even when the rows are through before */
  readonly lastsMs: number;
}

/** What a row takes with its recovery, in the middle: what the pace of the mail is worked out from. */
const ROW_MS = 25_000;
/** Of a row's mail, how much may come before its fault is out: the rest is what it recovers with. */
const BEFORE_END = 0.75;
/** A row recovers within twice its time and a bit, or it does not recover. */
const boundOf = ({ recoveryMs }: ChaosRow): number => 2 * recoveryMs + 30_000;

/** One seed: a fleet of its own, mail all the time, one fault after another, and the audit. */
export async function runSeed(
  { seed, messages, rows, lastsMs }: SeedRun,
  screen: RunScreen,
  signal: AbortSignal,
): Promise<SeedReport> {
  const began = Date.now();
  screen.phase('starting');
  await using fleet = await openFleet(seed);
  const witnesses = new Witnesses(fleet.witnessFolder, fleet.tenantId);
  await waitUntilWatched(fleet, signal);
  const session = await openSession(fleet, `chaos-seed${seed}`, signal);
  const perSecond = Math.max(5, messages / ((rows.length * ROW_MS) / 1_000));
  const pump = new MailPump(fleet, { seed, messages, mailboxes: MAILBOXES, perSecond });
  const stop = new AbortController();
  const pumping = pump.run(AbortSignal.any([signal, stop.signal])).catch((error: unknown) => {
    if (!signal.aborted && !stop.signal.aborted) throw error;
  });
  const outcomes: RowOutcome[] = [];
  const windows: RowWindow[] = [];
  const dice = new Dice(seed);
  const endsAt = performance.now() + lastsMs;
  const share = messages / rows.length;
  for (let index = 0; index < rows.length || performance.now() < endsAt; index += 1) {
    const row = rows[index % rows.length];
    if (!row) break;
    pump.allow((index + BEFORE_END) * share);
    screen.row(row, index);
    const from = Date.now();
    const outcome = await oneRow(row, { fleet, dice, signal }, () => {
      pump.allow((index + 1) * share);
    });
    outcomes.push(outcome);
    windows.push({ id: row.id, from, to: Date.now() });
    screen.outcome(outcome);
  }
  screen.phase('waiting until all is done');
  pump.allow(messages);
  await pumping;
  const open = await quiescence(witnesses, fleet.redis.admin, (left) => screen.open(left), signal);
  const told = await session.close(signal);
  screen.phase('auditing');
  const audit = await auditSeed({ fleet, witnesses, windows, rows, planned: messages, told });
  stop.abort();
  return seedReport({ seed, messages, planned: rows.length, outcomes, audit, open, began });
}

interface RowContext {
  readonly fleet: OpenFleet;
  readonly dice: Dice;
  readonly signal: AbortSignal;
}

async function oneRow(
  row: ChaosRow,
  { fleet, dice, signal }: RowContext,
  onEnd: () => void,
): Promise<RowOutcome> {
  const began = Date.now();
  let did: string;
  let failure: string | null = null;
  try {
    did = await row.inject(fleet, dice, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    did = 'not injected';
    failure = error instanceof Error ? error.message : String(error);
    // Whatever of it was put in must not be in the next row's way.
    for (const line of Object.values(fleet.lines)) line.heal();
    await fleet.clearFaults();
  }
  const endedAt = Date.now();
  onEnd();
  let recoveredMs: number | null = null;
  if (failure === null) {
    const after = row.after?.(fleet, signal) ?? Promise.resolve('');
    // It is told of below; until then nobody waits for it.
    after.catch(() => undefined);
    recoveredMs = await watchRecovery(fleet, boundOf(row), signal);
    try {
      did = [did, await after].filter(Boolean).join('; ');
    } catch (error) {
      if (signal.aborted) throw error;
      failure = error instanceof Error ? error.message : String(error);
    }
  }
  const { id, about, recoveryMs: limitMs } = row;
  return { id, about, did, failure, faultMs: endedAt - began, endedAt, recoveredMs, limitMs };
}
