import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type BenchFleet, startBenchFleet } from '../session/bench-fleet.ts';
import { runLoad } from '../session/run-load.ts';
import { type CpuProfile, summarizeProfile } from './summarize-profile.ts';

const MESSAGES = 20_000;

/**
 * Runs the fleet with one role under `node --cpu-prof` and says where its time went.
 *
 * @param role as `npm start -- --workers` names it, or `simulator`
 */
export async function profileRole(role: string, say: (line: string) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ms1-profile-'));
  try {
    const fleet = await startBenchFleet({
      mailboxes: 20,
      say,
      nodeArguments: (app) => (app === role ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []),
    });
    const since = await loaded(fleet, say);
    const file = (await readdir(folder)).find((name) => name.endsWith('.cpuprofile'));
    if (file === undefined) throw new Error(`${role} is no role of the fleet: nobody was profiled`);
    const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
    return summarizeProfile(profile, `${role}, ${MESSAGES} messages`, since);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The profile is written when the process ends.
 *
 * @returns when the load began, in us of the monotonic clock: starting is another matter
 */
async function loaded(fleet: BenchFleet, say: (line: string) => void): Promise<number> {
  await using running = fleet;
  say(`  warming up, then ${MESSAGES} messages`);
  await runLoad(running, { messages: 1_000, seed: 1, announced: 0.5 });
  const since = Number(process.hrtime.bigint() / 1_000n);
  await runLoad(running, { messages: MESSAGES, seed: 2, announced: 0.5 });
  return since;
}
