import type { RowWindow } from '../audit/evidence.ts';
import type { ChaosRow } from '../chaos-row.ts';
import type { Dice } from '../dice.ts';
import type { OpenFleet } from '../fleet/open-fleet.ts';
import type { RowOutcome } from '../report/seed-report.ts';
import type { MailPump } from './mail-pump.ts';
import type { RunScreen } from './run-screen.ts';
import { untilReady } from './until-ready.ts';
import { watchRecovery } from './watch-recovery.ts';

export interface RowPlan {
  readonly rows: readonly ChaosRow[];
  /** messages for each */
  readonly share: number;
  /** ms of the monotonic clock until which rows are begun again from the first, while there is mail */
  readonly endsAt: number;
}

export interface RowContext {
  readonly fleet: OpenFleet;
  readonly pump: Pick<MailPump, 'allow' | 'isDry'>;
  readonly dice: Dice;
  readonly screen: Pick<RunScreen, 'row' | 'outcome'>;
  readonly signal: AbortSignal;
}

/** Of a row's mail, how much may come before its fault is out: the rest is what it recovers with. */
const BEFORE_END = 0.75;
/** A row recovers within twice its time and a bit, or it does not recover. */
const boundOf = ({ recoveryMs }: ChaosRow): number => 2 * recoveryMs + 30_000;

/** Puts one fault after another in, each with its share of the mail, and waits for what comes after it. */
export async function runRows({ rows, share, endsAt }: RowPlan, context: RowContext) {
  const { pump, screen } = context;
  const outcomes: RowOutcome[] = [];
  const windows: RowWindow[] = [];
  const goesOn = (): boolean => performance.now() < endsAt && !pump.isDry;
  for (let index = 0; index < rows.length || goesOn(); index += 1) {
    const row = rows[index % rows.length];
    if (!row) break;
    pump.allow((index + BEFORE_END) * share);
    screen.row(row);
    const from = Date.now();
    const outcome = await runRow(row, context, () => pump.allow((index + 1) * share));
    const { endedAt } = outcome;
    windows.push({ id: row.id, from, endedAt, to: Date.now(), limitMs: row.recoveryMs });
    outcomes.push(outcome);
    screen.outcome(outcome);
  }
  return { outcomes, windows };
}

async function runRow(
  row: ChaosRow,
  { fleet, dice, signal }: RowContext,
  onEnd: () => void,
): Promise<RowOutcome> {
  // A row that kills what the row before has killed already would do nothing.
  await untilReady(fleet, signal);
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
