import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { readWorkspaces, root, sourcesOf } from './workspaces.ts';

/** What stands between the braces of an import or export, by its own name. */
function namesIn(braces: string): string[] {
  return braces
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '');
}

function exportsOf(source: string): string[] {
  return [...source.matchAll(/^export (?:type )?\{([^}]*)\} from/gm)]
    .flatMap(([, braces = '']) => namesIn(braces))
    .map((name) => name.replace(/^.* as /, ''));
}

/** Names taken through the door of `packageName`. */
function takenFrom(packageName: string, source: string): string[] {
  return [...source.matchAll(/\b(?:import|export) (?:type )?\{([^}]*)\} from '([^']+)'/g)]
    .filter(([, , specifier]) => specifier === packageName)
    .flatMap(([, braces = '']) => namesIn(braces))
    .map((name) => name.replace(/ as .*$/, ''));
}

const packages = readWorkspaces().filter(({ kind }) => kind === 'package');
const sources = ['apps', 'packages', 'tools', 'test', 'bench']
  .flatMap((folder) => sourcesOf(join(root, folder)))
  .map((file) => ({ file, source: readFileSync(file, 'utf8') }));

describe('a package shows through its door', () => {
  test.each(packages)('what others use of $name, and nothing else', ({ name, path }) => {
    const others = sources.filter(({ file }) => !file.startsWith(join(path, '/')));
    const used = new Set(others.flatMap(({ source }) => takenFrom(name, source)));
    const shown = exportsOf(readFileSync(join(path, 'src/index.ts'), 'utf8'));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((one) => !used.has(one))).toEqual([]);
  });

  test('control: what nobody takes is seen', () => {
    const door =
      "export { used, type Unused } from './a.ts';\nexport type { Other as Named } from './b.ts';";
    const used = takenFrom('@ms1/a', "import { used, type Named as Mine } from '@ms1/a';");
    expect(exportsOf(door).filter((one) => !used.includes(one))).toEqual(['Unused']);
  });
});
