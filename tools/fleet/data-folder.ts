import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { FleetError } from './fleet-error.ts';

/** Where a run keeps what outlives it. Everything below `path` belongs to the launcher. */
export interface DataFolder {
  readonly path: string;
  readonly redis: string;
  readonly simulator: string;
  readonly logs: string;
  readonly lock: string;
  readonly ports: string;
  /** while a fleet runs: where its console is, and the token for it; `ms1` reads it */
  readonly console: string;
  readonly secrets: string;
  /** while a simulated fleet is up: leads a browser to where it may be broken */
  readonly breakIt: string;
  /** the processes that were started, so that the next start can end what a kill left behind */
  readonly processes: string;
}

/**
 * Makes the folder (`.data`, or MS1_DATA_DIR). Only its owner may look in: it holds secrets.
 *
 * @throws {FleetError}
 */
export function openDataFolder(path: string): DataFolder {
  const folder = resolve(path);
  inDataFolder(folder, () => makeFolder(folder));
  return {
    path: folder,
    redis: join(folder, 'redis'),
    simulator: join(folder, 'simulator'),
    logs: join(folder, 'logs'),
    lock: join(folder, 'launcher.lock'),
    ports: join(folder, 'ports.json'),
    console: join(folder, 'console.json'),
    secrets: join(folder, 'secrets.json'),
    breakIt: join(folder, 'break-it.html'),
    processes: join(folder, 'processes.json'),
  };
}

/** Forgets the runs before. Only what is ours goes: MS1_DATA_DIR may name a folder that holds more. */
export function emptyDataFolder(data: DataFolder): void {
  for (const path of [data.redis, data.simulator, data.logs, data.ports, data.secrets]) {
    rmSync(path, { recursive: true, force: true });
  }
}

/** Makes the folders that the processes write to. */
export function makeSubfolders(data: DataFolder): void {
  for (const path of [data.redis, data.simulator, data.logs]) {
    makeFolder(path);
  }
}

/** Not Node's recursive one: that never comes back where a folder says ENOENT to whatever is made in it (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  const parent = dirname(path);
  if (!existsSync(parent)) makeFolder(parent);
  mkdirSync(path, { mode: 0o700 });
}

/**
 * Does something with the files of a data folder.
 *
 * @throws {FleetError} with what to do, when the system does not let us
 */
export function inDataFolder<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, path = folder, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new FleetError(
      `the data folder ${folder} cannot be used: ${path} (${code}); make it writable, or set MS1_DATA_DIR to another folder`,
      { cause: error },
    );
  }
}
