import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { root } from './workspaces.ts';

/** What the image holds, as a folder that nobody may write to, and how the image runs it. */
export interface ImageTree extends Disposable {
  /** WORKDIR */
  readonly app: string;
  /** ENTRYPOINT, with a Node that its user may run */
  readonly entrypoint: readonly string[];
  /** ENV, and where a user's home and temporary folder are: nothing can be written there */
  readonly env: Readonly<Record<string, string>>;
  /** of USER, where this process may start another's; else its own */
  readonly uid: number;
  /** the same, for spawn */
  readonly user: { uid?: number; gid?: number };
}

interface Locked {
  dev?: boolean;
  link?: boolean;
  resolved?: string;
  optional?: boolean;
}

/** Its packages are those that the lock file has for production; nothing is installed, so it takes seconds. */
export function imageTree(): ImageTree {
  const dockerfile = readFileSync(join(root, 'docker', 'Dockerfile'), 'utf8');
  // Not in a folder of the tests, whose parents only their own user enters.
  const folder = mkdtempSync(join(isRoot() ? '/var/tmp' : tmpdir(), 'ms1-image-tree-'));
  const [app, home] = [join(folder, 'app'), join(folder, 'home')];
  for (const path of [app, home, join(folder, 'bin')]) mkdirSync(path);
  cpSync(process.execPath, join(folder, 'bin', 'node'));
  for (const name of ['apps', 'packages', 'docker', 'package.json']) {
    cpSync(join(root, name), join(app, name), {
      recursive: true,
      filter: (file) => !/^(node_modules|test|.*\.(test|itest|long)\.ts)$/.test(basename(file)),
    });
  }
  copyPackages(app);
  // The page is bundled when the image is built; which page does not matter here.
  const page = join(app, 'apps', 'ops-console', 'src', 'page', 'built');
  cpSync(
    join(root, 'apps', 'ops-console', 'src', 'page', 'browser', 'page.css'),
    join(page, 'page.css'),
  );
  cpSync(join(root, 'docker', 'warm-compile-cache.mjs'), join(page, 'main.js'));
  execFileSync('chmod', ['-R', 'a+rX,a-w', folder]);

  const inTree = (path: string): string =>
    path.replaceAll(/(?<=^|:)\/app(?=\/)/g, app).replaceAll('/home/node', home);
  const env = Object.fromEntries(
    [...dockerfile.matchAll(/^ENV (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      inTree(value),
    ]),
  );
  const [, entrypoint = '[]'] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? [];
  const [, uid = ''] = /^USER (\d+):/m.exec(dockerfile) ?? [];
  return {
    app,
    entrypoint: (JSON.parse(entrypoint) as string[]).map((word) =>
      word === 'node' ? join(folder, 'bin', 'node') : word,
    ),
    env: { ...env, PATH: join(folder, 'bin'), HOME: home, TMPDIR: home },
    uid: isRoot() ? Number(uid) : (process.getuid?.() ?? -1),
    user: isRoot() ? { uid: Number(uid), gid: Number(uid) } : {},
    [Symbol.dispose]() {
      execFileSync('chmod', ['-R', 'u+w', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Whether a process of another user can be started. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function copyPackages(app: string): void {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const wanted = Object.entries(packages).filter(
    ([path, { dev }]) => path.startsWith('node_modules/') && !dev,
  );
  for (const [path, { link, resolved = '', optional }] of wanted) {
    mkdirSync(dirname(join(app, path)), { recursive: true });
    // What is optional is there where it fits the machine.
    if (link) symlinkSync(join(app, resolved), join(app, path));
    else if (!optional) cpSync(join(root, path), join(app, path), { recursive: true });
  }
}
