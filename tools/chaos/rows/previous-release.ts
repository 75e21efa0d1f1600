import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Until a release is tagged: the commit before the stores were given packages of their own. */
const BEFORE_TAGS = 'd8db82b39e5a71f1a9053b1fe8b9d79ce9e06848';
const root = join(import.meta.dirname, '../../..');

export interface Checkout extends AsyncDisposable {
  readonly root: string;
}

function git(...args: string[]): string {
  const quiet = { cwd: root, encoding: 'utf8' as const, stdio: 'pipe' as const };
  return execFileSync('git', args, quiet).trim();
}

/** The commit of the newest tag behind this one; or, as a sentence, why there is none to be had. */
export function previousRelease(): { commit: string } | string {
  try {
    git('rev-parse', '--git-dir');
  } catch {
    return 'this is no clone';
  }
  for (const name of [newestTag(), BEFORE_TAGS]) {
    if (name === null) continue;
    try {
      return { commit: git('rev-parse', '--verify', '--quiet', `${name}^{commit}`) };
    } catch {
      // A shallow clone has neither.
    }
  }
  return 'the clone is shallow: its history has no previous release';
}

function newestTag(): string | null {
  try {
    return git('describe', '--tags', '--abbrev=0', 'HEAD^');
  } catch {
    return null;
  }
}

/**
 * A commit in a folder of its own, with its own workspaces, and the libraries that are installed here.
 *
 * @throws where it was made for other libraries
 */
export async function checkOut(commit: string): Promise<Checkout> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ms1-previous-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  const differ = await librariesThatDiffer(folder);
  if (differ.length > 0) throw new Error(`${commit} needs other libraries: ${differ.join(', ')}`);
  linkLibraries(folder);
  const opened = stack.move();
  return { root: folder, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

interface Lock {
  packages: Record<string, { version?: string; link?: boolean; dev?: boolean }>;
}

async function librariesThatDiffer(folder: string): Promise<string[]> {
  const read = async (of: string): Promise<Lock['packages']> =>
    (JSON.parse(await readFile(join(of, 'package-lock.json'), 'utf8')) as Lock).packages;
  const [theirs, ours] = await Promise.all([read(folder), read(root)]);
  return Object.entries(theirs)
    .filter(([path, { link, dev }]) => path.startsWith('node_modules/') && !link && !dev)
    .filter(([path, { version }]) => ours[path]?.version !== version)
    .map(([path]) => path.slice('node_modules/'.length));
}

/** Libraries lead to ours; the scope of the workspaces leads to those of the folder. */
function linkLibraries(folder: string): void {
  const from = join(root, 'node_modules');
  const to = join(folder, 'node_modules');
  mkdirSync(join(to, '@ms1'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== '@ms1' && !name.startsWith('.')) symlinkSync(join(from, name), join(to, name));
  }
  for (const kind of ['apps', 'packages']) {
    for (const room of readdirSync(join(folder, kind))) {
      symlinkSync(join(folder, kind, room), join(to, '@ms1', room));
      // What npm could not put beside the others.
      const own = join(root, kind, room, 'node_modules');
      const theirs = join(folder, kind, room, 'node_modules');
      if (existsSync(own)) symlinkSync(own, theirs);
    }
  }
}
