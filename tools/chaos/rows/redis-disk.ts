import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';

import type { ChaosFleet, ChaosRedis } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { appendOnlyFile, appendOnlyFolder, begunAt, truncateTo } from './append-only-file.ts';
import { within } from './process-waiting.ts';
import { readyAgain } from './readiness.ts';
import { RECONCILED_MS } from './reconciled.ts';
import { underLoad } from './under-load.ts';

/** A restart without its data, as from a disk that was replaced. */
async function startEmpty(redis: ChaosRedis): Promise<void> {
  rmSync(appendOnlyFolder(redis), { recursive: true, force: true });
  await redis.start();
}

const lengths = ({ processes }: ChaosFleet): number[] =>
  processes.map((app) => app.output().length);

/** A process says in its log that the store began anew. */
function saidLoudly({ processes }: ChaosFleet, from: readonly number[], signal: AbortSignal) {
  const said = (): boolean =>
    processes.some((app, index) => app.output().slice(from[index]).includes('store was reset'));
  return within(30_000, 'a process says that the store was reset', said, signal);
}

/**
 * Controls: the death of a process takes nothing from the file (tools/chaos/rows/append-only-file.itest.ts); an MS4 without
 * its memory has twice what is taken up again (test/chaos.long.ts); one key that is lost is no lost store
 * (packages/mailboxes/test/mailbox-directory.itest.ts).
 */
export const REDIS_DISK: readonly ChaosRow[] = [
  {
    id: 'R2',
    about: 'power loss: the last seconds of the append-only file are gone',
    recoveryMs: RECONCILED_MS,
    async inject(fleet, dice, signal) {
      const { redis } = fleet;
      await underLoad(fleet, signal);
      const seconds = dice.between(2, 5);
      // A power loss cuts no further back than the file reaches, and so does the tool.
      const isOldEnough = async (): Promise<boolean> =>
        (await begunAt(redis)) < Date.now() / 1_000 - seconds - 1;
      await within(60_000, 'the append-only file is older than what is cut', isOldEnough, signal);
      const before = Math.floor(Date.now() / 1_000) - seconds;
      const keys = await redis.admin.dbsize();
      await redis.kill();
      const file = await appendOnlyFile(redis);
      const size = statSync(file).size;
      try {
        await truncateTo(redis, before);
      } finally {
        await redis.start();
      }
      const lost = size - statSync(file).size;
      // Whatever the fleet did since Redis is back is behind what was cut.
      if (lost <= 0) throw new Error(`nothing was cut from ${size} bytes`);
      const kept = await redis.admin.dbsize();
      return `cut ${lost} of ${size} bytes, the last ${seconds} s; ${keys} keys became ${kept}`;
    },
    after: readyAgain,
  },
  {
    id: 'R3',
    about: 'the append-only file is torn in its last command',
    recoveryMs: RECONCILED_MS,
    async inject(fleet, _dice, signal) {
      const { redis } = fleet;
      await underLoad(fleet, signal);
      await redis.kill();
      const file = await appendOnlyFile(redis);
      const size = statSync(file).size;
      truncateSync(file, size - 137);
      await redis.start();
      return `cut 137 of ${size} bytes; Redis came back with ${await redis.admin.dbsize()} keys`;
    },
    after: readyAgain,
  },
  {
    id: 'R3a',
    about: 'a byte in the middle of the append-only file is wrong: restored as an empty disk',
    recoveryMs: RECONCILED_MS,
    async inject(fleet, _dice, signal) {
      const { redis } = fleet;
      await underLoad(fleet, signal);
      const from = lengths(fleet);
      await redis.kill();
      const file = await appendOnlyFile(redis);
      const bytes = readFileSync(file);
      const at = bytes.indexOf('\r\n*', Math.floor(bytes.length / 2)) + 2;
      if (at < 2) throw new Error(`${file} has no command in its second half`);
      bytes.write('!', at);
      writeFileSync(file, bytes);
      let refused = '';
      await redis.start().catch((error: unknown) => {
        refused = String(error);
      });
      await startEmpty(redis);
      if (!/exited/.test(refused)) throw new Error('Redis started on a file that is not whole');
      await saidLoudly(fleet, from, signal);
      return `changed byte ${at} of ${bytes.length}: Redis refused to start, and came back empty`;
    },
    after: readyAgain,
  },
  {
    id: 'R4',
    about: 'FLUSHALL, nothing restarted',
    recoveryMs: RECONCILED_MS,
    async inject(fleet, _dice, signal) {
      const { admin } = fleet.redis;
      await underLoad(fleet, signal);
      const from = lengths(fleet);
      const keys = await admin.dbsize();
      await admin.flushall();
      await saidLoudly(fleet, from, signal);
      return `flushed ${keys} keys`;
    },
    after: readyAgain,
  },
  {
    id: 'R4a',
    about: 'Redis comes back with an empty disk, nothing else restarted',
    recoveryMs: RECONCILED_MS,
    async inject(fleet, _dice, signal) {
      const { redis } = fleet;
      await underLoad(fleet, signal);
      const from = lengths(fleet);
      const keys = await redis.admin.dbsize();
      await redis.kill();
      await startEmpty(redis);
      await saidLoudly(fleet, from, signal);
      return `${keys} keys were gone`;
    },
    after: readyAgain,
  },
];
