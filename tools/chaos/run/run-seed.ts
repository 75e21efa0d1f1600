import { setTimeout as delay } from 'node:timers/promises';
import { auditOf } from '../audit/audit-seed.ts';
import { gather } from '../audit/gather.ts';
import { replayTwice } from '../audit/replay-twice.ts';
import { Witnesses } from '../audit/witnesses.ts';

import type { ChaosRow } from '../chaos-row.ts';
import { Dice } from '../dice.ts';
import { MAILBOXES, type OpenFleet, openFleet } from '../fleet/open-fleet.ts';
import { type SeedReport, seedReport } from '../report/seed-report.ts';
import { RunWatch } from '../watch/watch-run.ts';
import { Background } from './background.ts';
import { MailPump } from './mail-pump.ts';
import { plantCanaries } from './plant-canaries.ts';
import { quiescence } from './quiescence.ts';
import { runRows } from './run-rows.ts';
import type { RunScreen } from './run-screen.ts';
import { openSession } from './session.ts';
import { untilReady } from './until-ready.ts';
import { waitUntilWatched } from './wait-until-watched.ts';

export interface SeedRun {
  readonly seed: number;
  readonly messages: number;
  readonly rows: readonly ChaosRow[];
  /** ms that faults are put in for, even when the rows are through before */
  readonly lastsMs: number;
}

/** What a row takes with its recovery, in the middle: what the pace of the mail is worked out from. */
const ROW_MS = 25_000;
const SHOW_MS = 500;

/** One seed: a fleet of its own, mail all the time, one fault after another, and the audit. */
export async function runSeed(
  { seed, messages, rows, lastsMs }: SeedRun,
  screen: RunScreen,
  signal: AbortSignal,
): Promise<SeedReport> {
  const began = Date.now();
  screen.begin(seed, rows, messages);
  screen.phase('starting two of each role');
  await using fleet = await openFleet(seed, signal);
  const witnesses = new Witnesses(fleet.witnessFolder, fleet.tenantId);
  await waitUntilWatched(fleet, signal);
  await using watch = new RunWatch(fleet);
  const session = await openSession(fleet, `chaos-seed${seed}`, signal);
  const canaries = await plantCanaries(fleet);
  const expected = Math.max(rows.length, Math.ceil(lastsMs / ROW_MS));
  const perSecond = Math.max(5, messages / ((expected * ROW_MS) / 1_000));
  const pump = new MailPump(fleet, { seed, messages, mailboxes: MAILBOXES, perSecond });
  await using background = new Background(signal);
  const pumping = background.run((stop) => pump.run(stop));
  void background.run((stop) => showMail(screen, { fleet, watch, pump, planned: messages }, stop));
  const { outcomes, windows } = await runRows(
    { rows, share: messages / expected, endsAt: performance.now() + lastsMs },
    { fleet, pump, dice: new Dice(seed), screen, signal },
  );
  screen.phase('waiting until all is done');
  pump.finish();
  await pumping;
  const open = await quiescence(witnesses, fleet.redis.admin, signal);
  const told = await session.close(signal);
  await untilReady(fleet, signal);
  screen.phase('auditing');
  const { watched } = watch;
  const evidence = await gather({
    fleet,
    witnesses,
    watched,
    windows,
    rows,
    planned: messages,
    canaries,
    told,
  });
  const audit = auditOf(evidence, await replayTwice(fleet, witnesses, evidence.letters));
  return seedReport({ seed, messages, planned: rows.length, outcomes, audit, open, began });
}

interface Shown {
  readonly fleet: OpenFleet;
  readonly watch: RunWatch;
  readonly pump: MailPump;
  readonly planned: number;
}

async function showMail(
  screen: RunScreen,
  { fleet, watch, pump, planned }: Shown,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const held = watch.watched.redis.at(-1)?.held;
    screen.mail({ planned, came: pump.sent, stored: fleet.stored(), held });
    await delay(SHOW_MS, undefined, { signal });
  }
}
