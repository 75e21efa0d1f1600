import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where a run keeps what outlives it. Everything below `path` belongs to the launcher. */
export interface DataFolder {
  readonly path: string;
  readonly redis: string;
  readonly simulator: string;
  readonly logs: string;
  readonly lock: string;
  readonly ports: string;
  readonly secrets: string;
  /** the processes that were started, so that the next start can end what a kill left behind */
  readonly processes: string;
}

/** Makes the folder (`.data`, or MS1_DATA_DIR). Only its owner may look in: it holds secrets. */
export function openDataFolder(path: string): DataFolder {
  const folder = resolve(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    path: folder,
    redis: join(folder, 'redis'),
    simulator: join(folder, 'simulator'),
    logs: join(folder, 'logs'),
    lock: join(folder, 'launcher.lock'),
    ports: join(folder, 'ports.json'),
    secrets: join(folder, 'secrets.json'),
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
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
}
