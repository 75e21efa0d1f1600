import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { root } from './workspaces.ts';

/** An entry of package-lock.json. */
interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  dev?: boolean;
  hasInstallScript?: boolean;
}
interface Manifest {
  name: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));

const { packages } = readJson('package-lock.json') as { packages: Record<string, Locked> };
/** What comes from a registry, by its path in the tree. */
const foreign = Object.entries(packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && !link,
);
const own = Object.keys(packages).filter((path) => !path.includes('node_modules/'));
const manifests = own.map((path) => ({
  path,
  manifest: readJson(join(path, 'package.json')) as Manifest,
}));
/** What npm runs of a package when it is installed. */
const HOOKS = ['preinstall', 'install', 'postinstall'];

describe('package-lock.json', () => {
  test('holds the hash of every package, and no address', () => {
    expect(foreign.length).toBeGreaterThan(500);
    const wrong = foreign.filter(
      ([, { version = '', integrity = '', resolved }]) =>
        resolved !== undefined ||
        !/^\d+\.\d+\.\d+/.test(version) ||
        !/^sha512-[\w+/]{86}==$/.test(integrity),
    );
    expect(wrong).toEqual([]);
  });

  test('stays so, whoever writes it', () => {
    const settings = readFileSync(join(root, '.npmrc'), 'utf8').split('\n');
    expect(settings).toEqual(
      expect.arrayContaining(['save-exact=true', 'omit-lockfile-registry-resolved=true']),
    );
    // Whose registry it is, is not the repository's to say.
    expect(settings.filter((line) => /^registry=|:registry=|:_/.test(line))).toEqual([]);
  });
});

test.each(manifests)('$path/package.json pins what it asks for', ({ manifest }) => {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const asked = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  const loose = asked.filter(([name, range]) =>
    name.startsWith('@ms1/') ? range !== '*' : !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range),
  );
  expect(loose).toEqual([]);
});

describe('what runs when it is installed', () => {
  /** From the list of the page: package and where it is used. */
  const argued = readFileSync(join(root, 'docs', 'supply-chain.md'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, name, where] = /^- `([^`]+)` \((production|development)\): /.exec(line) ?? [];
      return name ? [`${name} (${where})`] : [];
    })
    .toSorted();

  test('is argued in docs/supply-chain.md, package by package', () => {
    const scripted = foreign.flatMap(([path, { hasInstallScript, dev }]) =>
      hasInstallScript ? [`${nameOf(path)} (${dev ? 'development' : 'production'})`] : [],
    );
    expect(scripted.toSorted()).toEqual(argued);
  });

  test('is what the lock file says, which takes the word of a registry for it', () => {
    const scripted = foreign.flatMap(([path]) => {
      const file = join(root, path, 'package.json');
      // Those of other platforms are not here.
      if (!existsSync(file)) return [];
      const { scripts = {} } = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
      const runs =
        HOOKS.some((hook) => scripts[hook]) ||
        readdirSync(join(root, path)).includes('binding.gyp');
      return runs ? [nameOf(path)] : [];
    });
    expect(scripted.length).toBeGreaterThan(0);
    expect(argued.map((entry) => entry.split(' ')[0])).toEqual(expect.arrayContaining(scripted));
  });

  test.each(manifests)('is nothing of $path/package.json', ({ manifest: { scripts = {} } }) => {
    const ours = [...HOOKS, 'prepublish', 'preprepare', 'prepare', 'postprepare'];
    expect(Object.keys(scripts).filter((name) => ours.includes(name))).toEqual([]);
  });
});

/** `node_modules/a/node_modules/@b/c` is `@b/c`. */
function nameOf(path: string): string {
  return path.split('node_modules/').at(-1) ?? '';
}
