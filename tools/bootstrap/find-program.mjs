import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} name
 * @param {string} [path] folders, as in PATH
 * @returns {string | undefined} the full path of the program
 */
export function findProgram(name, path = process.env.PATH ?? '') {
  for (const folder of path.split(':')) {
    const file = join(folder, name);
    if (folder !== '' && isExecutable(file)) return file;
  }
  return undefined;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
