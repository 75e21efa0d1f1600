import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PATH and a home that a test knows: what is installed on the machine decides nothing. */
export interface OwnMachine extends Disposable {
  /** its folder; removed in the end */
  readonly path: string;
  /** PATH, HOME and TMPDIR, all below `path` */
  readonly env: { readonly PATH: string; readonly HOME: string; readonly TMPDIR: string };
}

/**
 * @param programs names that are found on its PATH, taken from ours; `node` is the Node that runs the tests
 * @throws when one of them is not on our PATH
 */
export function ownMachine(programs: readonly string[] = ['node']): OwnMachine {
  const path = mkdtempSync(join(tmpdir(), 'ms1-machine-'));
  const [bin, home, temporary] = ['bin', 'home', 'tmp'].map((name) => join(path, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [bin, home, temporary]) mkdirSync(folder);
  for (const name of programs) {
    symlinkSync(name === 'node' ? process.execPath : programOnPath(name), join(bin, name));
  }
  return {
    path,
    env: { PATH: bin, HOME: home, TMPDIR: temporary },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** @throws when none of these names is a program on PATH */
export function programOnPath(...names: readonly string[]): string {
  const folders = (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const file = names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((candidate) => isProgram(candidate));
  if (!file) throw new Error(`no ${names.join(' or ')} on PATH: install it, or run "npm test"`);
  return file;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
