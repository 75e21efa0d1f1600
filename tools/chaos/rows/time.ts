import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import type { ChaosFleet, ChaosProcess } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import type { Dice } from '../dice.ts';
import { RESTART_MS, seconds, within } from './process-waiting.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const OFF_MS = 5 * MINUTE;
const LASTS_MS = 60_000;
const JUMP_EVERY_MS = 5_000;
/** The ledger forgets a message after 35 days. */
const PAST_RETENTION_MS = 36 * DAY;
const BEFORE_MIDNIGHT_MS = 15_000;

const preload = pathToFileURL(join(import.meta.dirname, '../skewed-clock.ts')).href;
/** What the fleet has of its own. */
const OPTIONS = '--max-semi-space-size=16';

/** Processes whose clocks may be set; right again, for good, when it is disposed. */
class Clocks implements AsyncDisposable {
  readonly apps: readonly ChaosProcess[];
  readonly #folder: string;

  private constructor(apps: readonly ChaosProcess[], folder: string) {
    this.apps = apps;
    this.#folder = folder;
  }

  static async of(apps: readonly ChaosProcess[], signal: AbortSignal): Promise<Clocks> {
    const clocks = new Clocks(apps, await mkdtemp(join(tmpdir(), 'ms1-clocks-')));
    for (const app of apps) {
      app.environment({
        NODE_OPTIONS: `${OPTIONS} --import=${preload}`,
        CLOCK_SKEW_FILE: clocks.#file(app),
      });
    }
    // One of each role at a time, as a rollout does it: the other answers meanwhile.
    for (const number of ['-1', '-2']) {
      const some = apps.filter(({ name }) => name.endsWith(number));
      await Promise.all(some.map((app) => restarted(app, signal)));
    }
    return clocks;
  }

  /** ms that the clock of the process is ahead from now on */
  async set(app: ChaosProcess, ms: number): Promise<void> {
    await writeFile(this.#file(app), String(ms));
  }

  /** so for each of them */
  async setAll(ms: (app: ChaosProcess) => number): Promise<void> {
    await Promise.all(this.apps.map((app) => this.set(app, ms(app))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const app of this.apps) app.environment({ NODE_OPTIONS: OPTIONS, CLOCK_SKEW_FILE: null });
    // What runs still looks at its file, and where there is none its clock is right.
    await rm(this.#folder, { recursive: true, force: true });
  }

  #file(app: ChaosProcess): string {
    return join(this.#folder, app.name);
  }
}

async function restarted(app: ChaosProcess, signal: AbortSignal): Promise<void> {
  const { restarts } = app;
  await app.restart();
  await within(20_000, `${app.name} is started`, () => app.restarts > restarts, signal);
  await within(60_000, `${app.name} is ready`, () => isReady(app), signal);
}

async function isReady({ health }: ChaosProcess): Promise<boolean> {
  try {
    return (await fetch(`${health}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

/** Each process differs from each other. */
const apart = (dice: Dice) => (): number => dice.between(-OFF_MS, OFF_MS);

const minutes = (ms: number): string => `${(ms / MINUTE).toFixed(1)} min`;

/** Those that plan nothing by their own clock: what a poller plans for after a leap of days is days away when it is back. */
const withoutPlans = (fleet: ChaosFleet): ChaosProcess[] =>
  (['ingest-api', 'processor', 'ms4-sender'] as const).flatMap((role) => [...fleet.of(role)]);

const leap = (id: string, about: string, ahead: () => number): ChaosRow => ({
  id,
  about,
  recoveryMs: RESTART_MS,
  async inject(fleet, _, signal) {
    await using clocks = await Clocks.of(withoutPlans(fleet), signal);
    const ms = ahead();
    await clocks.setAll(() => ms);
    await delay(LASTS_MS / 2, undefined, { signal });
    const to = new Date(Date.now() + ms).toISOString();
    return `${clocks.apps.length} clocks were ahead by ${seconds(ms)}, until ${to}`;
  },
});

export const TIMES: readonly ChaosRow[] = [
  {
    id: 'T1',
    about: 'clocks of all processes off by up to 5 minutes, each differently',
    recoveryMs: RESTART_MS,
    async inject(fleet, dice, signal) {
      await using clocks = await Clocks.of(fleet.processes, signal);
      const told: string[] = [];
      for (const app of clocks.apps) {
        const ms = apart(dice)();
        await clocks.set(app, ms);
        told.push(`${app.name} ${minutes(ms)}`);
      }
      await delay(LASTS_MS, undefined, { signal });
      return `off by ${told.join(', ')}`;
    },
  },
  {
    id: 'T2',
    about: 'clocks of all processes jump forward and back by up to 5 minutes, every 5 s',
    // What was planned by a clock that was ahead is planned anew within a minute.
    recoveryMs: MINUTE + RESTART_MS,
    async inject(fleet, dice, signal) {
      await using clocks = await Clocks.of(fleet.processes, signal);
      const jumps = LASTS_MS / JUMP_EVERY_MS;
      for (let jump = 0; jump < jumps; jump += 1) {
        await clocks.setAll(apart(dice));
        await delay(JUMP_EVERY_MS, undefined, { signal });
      }
      return `${clocks.apps.length} clocks jumped ${jumps} times`;
    },
  },
  leap('T3', 'clocks leap to 15 s before midnight (UTC), over it, and back', () => {
    const left = DAY - (Date.now() % DAY);
    return (left - BEFORE_MIDNIGHT_MS + DAY) % DAY;
  }),
  leap(
    'T4',
    'clocks leap over the end of every retention, 36 days, and back',
    () => PAST_RETENTION_MS,
  ),
];
