import { rmSync } from 'node:fs';
import { resolve } from 'node:path';

import type { ConsoleAccess } from './console-access.ts';
import { writeJsonFile } from './json-file.ts';

/**
 * Leaves the console's address, and the token or where it is kept, for `ms1` on the same machine
 * (apps/cli/src/running-fleet.ts) until it is disposed of.
 */
export function recordConsole(path: string, url: string, access: ConsoleAccess): Disposable {
  const { token, tokenFile } = access;
  writeJsonFile(path, { url, ...(tokenFile ? { tokenFile: resolve(tokenFile) } : { token }) });
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}
