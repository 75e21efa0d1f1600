import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every package of a node_modules as `name@version`, those that workspaces link in among them. */
export function installedPackages(modules: string): string[] {
  const found = readdirSync(modules).flatMap((entry) => {
    const path = join(modules, entry);
    if (entry.startsWith('.')) return [];
    const inScope = entry.startsWith('@')
      ? readdirSync(path).map((name) => join(path, name))
      : [path];
    return inScope.flatMap(packageAt);
  });
  return [...new Set(found)].toSorted();
}

function packageAt(path: string): string[] {
  const { name, version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const below = join(path, 'node_modules');
  const own =
    !lstatSync(path).isSymbolicLink() && existsSync(below) ? installedPackages(below) : [];
  return [`${name}@${version}`, ...own];
}
