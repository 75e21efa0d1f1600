import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { ChaosRow } from '../chaos-row.ts';
import { nameOf, RESTART_MS, STALL_MS, within } from './process-waiting.ts';

const run = promisify(execFile);

/** MB of heap: a processor needs more to start, so it ends again and again. */
const HEAP_MB = 24;
const DEATHS = 3;

export const PROCESS_LIMITS: readonly ChaosRow[] = [
  {
    id: 'P10',
    about: 'a processor that runs out of memory again and again',
    recoveryMs: STALL_MS,
    async inject(fleet, dice, signal) {
      const app = dice.pick(fleet.of('processor'));
      const { restarts } = app;
      const written = app.output().length;
      app.environment({ NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` });
      app.signal('SIGKILL');
      try {
        const ranOut = (): boolean =>
          app.output().slice(written).split('heap out of memory').length > DEATHS;
        await within(90_000, `${app.name} runs out of ${HEAP_MB} MB of heap`, ranOut, signal);
      } finally {
        app.environment({ NODE_OPTIONS: '--max-semi-space-size=16' });
        app.signal('SIGKILL');
      }
      return `${app.name} had ${HEAP_MB} MB of heap and ended ${app.restarts - restarts} times`;
    },
  },
  {
    id: 'P13',
    about: 'an ingest-api without file descriptors',
    recoveryMs: RESTART_MS,
    async inject(fleet, dice, signal) {
      const app = dice.pick(fleet.of('ingest-api'));
      const open = (await readdir(`/proc/${app.pid}/fd`)).length;
      const limit = async (soft: number): Promise<void> => {
        await run('prlimit', [`--pid=${app.pid}`, `--nofile=${soft}:`]);
      };
      const { stdout } = await run('prlimit', [
        `--pid=${app.pid}`,
        '--nofile',
        '--raw',
        '--noheadings',
        '--output=SOFT',
      ]);
      await limit(open + 1);
      try {
        await delay(15_000, undefined, { signal });
      } finally {
        await limit(Number(stdout.trim()));
      }
      await within(10_000, `${app.name} is alive`, () => isAlive(app.health), signal);
      return `${nameOf(app)} had ${open} descriptors and could open one more`;
    },
  },
];

async function isAlive(health: string): Promise<boolean> {
  try {
    return (await fetch(`${health}/healthz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
