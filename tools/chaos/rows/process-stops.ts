import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosProcess, Role } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { frozen, nameOf, RESTART_MS, seconds } from './process-waiting.ts';

/** An app stops within 25 s, and well; without its Redis it may need the last of its deadlines, which is no good end. */
const STOP = { maxMs: 25_000, codes: [0] };
const STOP_BLIND = { maxMs: 30_000, codes: [0, 1] };
/** A lock is 30 s, looked at every 10 s. */
const PAST_THE_LOCK_MS = 45_000;

/** @throws when one takes too long, or does not end well */
async function stopped(
  apps: readonly ChaosProcess[],
  { maxMs, codes }: { maxMs: number; codes: readonly (number | string)[] },
): Promise<string> {
  const ends = await Promise.all(
    apps.map(async (app) => {
      const began = performance.now();
      const { name } = app;
      return { name, code: await app.restart(), tookMs: performance.now() - began };
    }),
  );
  const told = ends.map(({ name, code, tookMs }) => `${name} ${code} in ${seconds(tookMs)}`);
  const wrong = ends.filter(({ code, tookMs }) => !codes.includes(code) || tookMs > maxMs);
  if (wrong.length > 0) {
    throw new Error(`asked to stop, within ${seconds(maxMs)}: ${told.join(', ')}`);
  }
  return told.join(', ');
}

const freeze = (id: string, role: Role, about: string): ChaosRow => ({
  id,
  about,
  // The other of its role is there all the time.
  recoveryMs: RESTART_MS,
  async inject(fleet, dice, signal) {
    const app = dice.pick(fleet.of(role));
    await frozen([app], () => delay(PAST_THE_LOCK_MS, undefined, { signal }));
    return `stopped ${nameOf(app)} for ${seconds(PAST_THE_LOCK_MS)}`;
  },
});

export const PROCESS_STOPS: readonly ChaosRow[] = [
  {
    id: 'P6',
    about: 'SIGTERM to one of each role in turn, under load',
    recoveryMs: RESTART_MS,
    async inject(fleet, dice) {
      const told: string[] = [];
      for (const role of ['ingest-api', 'poller', 'processor', 'ms4-sender'] as const) {
        told.push(await stopped([dice.pick(fleet.of(role))], STOP));
      }
      return told.join(', ');
    },
  },
  {
    id: 'P6a',
    about: 'SIGTERM to all processes at once, under load',
    recoveryMs: RESTART_MS,
    inject: ({ processes }) => stopped(processes, STOP),
  },
  {
    id: 'P7',
    about: 'SIGTERM to one of each role while Redis is frozen',
    recoveryMs: RESTART_MS,
    async inject(fleet, dice) {
      const roles = ['ingest-api', 'poller', 'processor', 'ms4-sender'] as const;
      fleet.redis.signal('SIGSTOP');
      try {
        return await stopped(
          roles.map((role) => dice.pick(fleet.of(role))),
          STOP_BLIND,
        );
      } finally {
        fleet.redis.signal('SIGCONT');
      }
    },
  },
  freeze('P8', 'ms4-sender', 'a sender stopped past its locks, and thawed'),
  freeze('P8a', 'processor', 'a processor stopped past its locks, and thawed'),
  freeze('P9', 'poller', 'a poller stopped past its leases, and thawed'),
];
