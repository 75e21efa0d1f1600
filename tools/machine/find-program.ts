import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** The full path of the program, looked for in folders as in PATH. */
export function findProgram(name: string, path: string): string | undefined {
  for (const folder of path.split(':')) {
    const file = join(folder, name);
    if (folder !== '' && isExecutable(file)) return file;
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
