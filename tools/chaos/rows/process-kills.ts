import { setTimeout as delay } from 'node:timers/promises';

import type { Role } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { killed, RESTART_MS, STALL_MS } from './process-waiting.ts';

/** One of a role is killed, several times in a row, at moments that the seed chooses. */
const kills = (
  id: string,
  role: Role,
  recoveryMs: number,
  { times, everyMs }: { times: number; everyMs: readonly [number, number] },
): ChaosRow => ({
  id,
  about: `kill -9 of one ${role}, ${times} times`,
  recoveryMs,
  async inject(fleet, dice, signal) {
    const names: string[] = [];
    for (let time = 0; time < times; time += 1) {
      names.push(await killed(dice.pick(fleet.of(role)), signal));
      await delay(dice.between(...everyMs), undefined, { signal });
    }
    return `killed ${names.join(', ')}`;
  },
});

export const PROCESS_KILLS: readonly ChaosRow[] = [
  kills('P1', 'ingest-api', 5_000, { times: 5, everyMs: [300, 2_500] }),
  kills('P2', 'poller', RESTART_MS, { times: 3, everyMs: [1_000, 4_000] }),
  kills('P3', 'processor', STALL_MS, { times: 3, everyMs: [1_000, 4_000] }),
  {
    id: 'P4',
    about: 'kill -9 of senders whose POST MS4 holds',
    recoveryMs: STALL_MS,
    async inject(fleet, dice, signal) {
      await fleet.fault('ms4-latency', { ms: 1_500 });
      const names: string[] = [];
      for (let time = 0; time < 3; time += 1) {
        await delay(dice.between(1_000, 4_000), undefined, { signal });
        names.push(await killed(dice.pick(fleet.of('ms4-sender')), signal));
      }
      await fleet.clearFaults();
      return `killed ${names.join(', ')} while MS4 took 1.5 s to answer`;
    },
  },
  {
    id: 'P5',
    about: 'kill -9 of all processes at once, 3 times',
    recoveryMs: STALL_MS,
    async inject({ processes }, dice, signal) {
      for (let time = 0; time < 3; time += 1) {
        if (time > 0) await delay(dice.between(2_000, 8_000), undefined, { signal });
        for (const app of processes) app.signal('SIGKILL');
      }
      return `killed all ${processes.length}, 3 times`;
    },
  },
];
