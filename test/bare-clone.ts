import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from './workspaces.ts';

/**
 * A clone whose dependencies are installed and nothing else: what earlier commands left in this one's
 * `node_modules/.bin`, a Redis server for example, is not in it. It goes as far as the bootstrap.
 */
export function bareClone(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'ms1-clone-'));
  cpSync(join(root, 'tools'), join(path, 'tools'), { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(root, file), join(path, file));
  }
  const programs = join(path, 'node_modules', '.bin');
  mkdirSync(programs, { recursive: true });
  symlinkSync(process.execPath, join(programs, 'node'));
  writeFileSync(join(path, 'node_modules', '.package-lock.json'), '{}');
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
