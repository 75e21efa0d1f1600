import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { BootstrapError } from './bootstrap-error.mjs';
import { findProgram } from './find-program.mjs';
import { PACKAGE_MANAGERS } from './package-managers.mjs';
import { prefixForRoot } from './prefix-for-root.mjs';
import { binFolder } from './root.mjs';
import { runQuietly } from './run-quietly.mjs';

/** Programs that are a Redis server, the first that is found is taken. */
const SERVERS = ['redis-server', 'valkey-server'];

/**
 * Makes sure that `redis-server` is on PATH. Where it is missing it is installed with the system's
 * package manager, if that works without a question; everywhere else one sentence says what to do.
 *
 * @throws {BootstrapError}
 */
export async function ensureRedis() {
  if (await adopt(SERVERS)) return;
  const manager = PACKAGE_MANAGERS.find(({ program }) => findProgram(program));
  if (!manager) throw new BootstrapError(sentence(undefined));
  const asRoot = await prefixForRoot(manager);
  if (!asRoot) throw new BootstrapError(sentence(manager));
  process.stderr.write(`Installing a Redis server (${manager.install.join(' ')}) ... `);
  for (const command of [manager.refresh, manager.install]) {
    if (!command) continue;
    const [program, ...args] = [...asRoot, ...command];
    // A failed refresh may still leave a usable list; the install decides.
    const { code } = await runQuietly(program, args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (code !== 0 && command === manager.install) {
      process.stderr.write('failed.\n');
      throw new BootstrapError(sentence(manager));
    }
  }
  if (!(await adopt([...SERVERS, ...(manager.servers ?? [])]))) {
    process.stderr.write('failed.\n');
    throw new BootstrapError(sentence(manager));
  }
  process.stderr.write('done.\n');
}

/** Makes the first server found answer to the name redis-server, which is what everything here calls it by. */
async function adopt(names) {
  for (const name of names) {
    const file = findProgram(name);
    if (!file) continue;
    if (name === 'redis-server') return true;
    const link = join(binFolder, 'redis-server');
    rmSync(link, { force: true });
    symlinkSync(file, link);
    const { code, output } = await runQuietly(link, ['--version']);
    if (code === 0 && /server v=/i.test(output)) return true;
    rmSync(link, { force: true });
  }
  return false;
}

function sentence(manager) {
  if (manager) {
    const sudo = manager.needsRoot ? 'sudo ' : '';
    return `redis-server is not installed and could not be installed without asking you: run "${sudo}${manager.byHand}", then run the command again.`;
  }
  const where = existsSync('/nix')
    ? 'run "nix-shell -p redis"'
    : 'install Redis 7 or Valkey 8 (redis.io/docs, valkey.io/download)';
  return `redis-server is not on PATH and no package manager that we know is either: ${where}, then run the command again.`;
}
