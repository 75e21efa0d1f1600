import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from './workspaces.ts';

export interface BareClone extends Disposable {
  readonly path: string;
}

/**
 * A clone as it is after `npm install`, on a machine that never had a Redis: none that an earlier command
 * has put into node_modules/.bin. Its launcher is a copy, since a program finds its clone by where it lies.
 */
export function bareClone({ installed = true } = {}): BareClone {
  const folder = mkdtempSync(join(tmpdir(), 'ms1-clone-'));
  for (const name of ['package.json', 'package-lock.json', 'tools']) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  for (const name of ['apps', 'packages', 'bench', 'ops']) {
    symlinkSync(join(root, name), join(folder, name));
  }
  if (installed) linkModules(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    path: folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function linkModules(from: string, to: string): void {
  mkdirSync(join(to, '.bin'), { recursive: true });
  for (const name of readdirSync(from)) {
    // npm's own record is copied: whether it is newer than the lock file tells whether all is installed.
    if (name === '.package-lock.json') cpSync(join(from, name), join(to, name));
    else if (name !== '.bin' && name !== '.cache') symlinkSync(join(from, name), join(to, name));
  }
  for (const name of readdirSync(join(from, '.bin'))) {
    if (name !== 'redis-server') symlinkSync(join(from, '.bin', name), join(to, '.bin', name));
  }
}
