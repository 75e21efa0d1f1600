import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosProcess } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';

const named = ({ name, pid }: ChaosProcess): string => `${name} (pid ${pid})`;

/** A worker's lock is 30 s, and looked at every 10 s. */
const STALL_MS = 45_000;

export const PROCESS_ROWS: readonly ChaosRow[] = [
  {
    id: 'P5',
    about: 'all processes killed at once',
    recoveryMs: STALL_MS,
    async inject({ processes }, dice, signal) {
      const done: string[] = [];
      for (let round = 0; round < 3; round += 1) {
        for (const app of processes) app.signal('SIGKILL');
        done.push(`killed all ${processes.length}`);
        await delay(dice.between(1_000, 5_000), undefined, { signal });
      }
      return done.join(', ');
    },
  },
  {
    id: 'P2a',
    about: 'a poller killed',
    recoveryMs: STALL_MS,
    async inject(fleet, dice) {
      const app = dice.pick(fleet.of('poller'));
      const killed = named(app);
      app.signal('SIGKILL');
      return `killed ${killed}`;
    },
  },
];
