import { readFileSync, rmSync, writeFileSync } from 'node:fs';

import { FleetError } from './fleet-error.ts';
import { commandLineOf } from './process-identity.ts';

/** What the command line of every launcher holds, whichever way it was started. */
const LAUNCHER = /tools\/(start\.mjs|run-fleet\.ts)/;

/**
 * Keeps a second launcher out of the data folder: two fleets on one Redis would be fine, two
 * launchers that stop each other's would not. A lock whose owner is gone is taken over.
 *
 * @throws {FleetError} when another launcher holds it
 */
export function takeLauncherLock(path: string): Disposable {
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
      return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = ownerOf(path);
    const command = owner === undefined ? undefined : commandLineOf(owner);
    if (attempt > 0 || (command !== undefined && LAUNCHER.test(command))) {
      throw new FleetError(
        `npm start is already running here (process ${owner}): stop it with Ctrl-C first, or set MS1_DATA_DIR to another folder`,
      );
    }
    rmSync(path, { force: true });
  }
}

function ownerOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
