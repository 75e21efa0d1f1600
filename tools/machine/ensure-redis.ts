import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { FleetError } from '../fleet/fleet-error.ts';
import { findProgram } from './find-program.ts';
import { type Installing, installPackage, type NotInstalled } from './install-package.ts';
import { runProgram } from './run-program.ts';

/** Programs that are a Redis server, or become one when they are called by that name (Debian). */
const SERVERS = ['redis-server', 'valkey-server', 'redis-check-rdb', 'valkey-check-rdb'] as const;

/** As `ms1 doctor` has it. */
const OLDEST = { major: 6, minor: 2 };

export interface RedisNeeds extends Installing {
  /** first on PATH; a server of another name gets the name redis-server here */
  binFolder: string;
}

/**
 * Makes sure that `redis-server` of 6.2 or later is on PATH. Where there is none it is installed with the
 * system's package manager, if that works without a question; everywhere else one sentence says what to do.
 *
 * @throws {FleetError}
 */
export async function ensureRedis(needs: RedisNeeds): Promise<void> {
  const before = await adopt(needs);
  if (before === 'ready') return;
  if (before) throw new FleetError(before);
  const refused = await installPackage(
    'a Redis server, which is not started as a service',
    ({ redis }) => redis,
    needs,
  );
  if (refused) throw new FleetError(sentence(refused));
  const after = await adopt(needs);
  if (after === 'ready') return;
  throw new FleetError(after ?? sentence({ why: 'although its package is', typed: undefined }));
}

/** 'ready', or what is wrong with the servers that are there; undefined when there is none. */
async function adopt({ binFolder, env = process.env }: RedisNeeds): Promise<string | undefined> {
  let tooOld: string | undefined;
  for (const name of SERVERS) {
    const file = findProgram(name, env['PATH'] ?? '');
    if (!file) continue;
    const server = name === 'redis-server' ? file : link(file, join(binFolder, 'redis-server'));
    const version = await versionOf(server, env);
    if (version && !isOld(version)) return 'ready';
    if (server !== file) rmSync(server, { force: true });
    if (version) {
      tooOld ??= `${file} is Redis ${version}, and 6.2 or later is needed: upgrade it, or put a newer one first on PATH (redis.io/docs, valkey.io/download), then run the command again.`;
    }
  }
  return tooOld;
}

function link(file: string, name: string): string {
  try {
    rmSync(name, { force: true });
    symlinkSync(file, name);
  } catch (error) {
    throw new FleetError(
      `${file} cannot be given the name ${name} (${(error as NodeJS.ErrnoException).code}): put a program called redis-server on PATH, then run the command again.`,
    );
  }
  return name;
}

/** As it names itself: `Redis server v=7.0.15 sha=...`. */
async function versionOf(server: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { code, output } = await runProgram(server, ['--version'], env);
  return code === 0 ? /server v=(\d+\.\d+[\w.-]*)/i.exec(output)?.[1] : undefined;
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);
}

function sentence({ why, typed }: NotInstalled): string {
  const by = typed ?? (existsSync('/nix') ? 'nix-shell -p redis' : undefined);
  const how = by
    ? `run "${by}"`
    : 'install Redis 7 or Valkey 8 (redis.io/docs, valkey.io/download)';
  return `redis-server is not on PATH ${why}: ${how}, then run the command again.`;
}
