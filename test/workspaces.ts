import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../', import.meta.url));

export interface Manifest {
  name: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  exports?: Record<string, string>;
}

export interface Workspace extends Manifest {
  kind: 'app' | 'package';
  /** folder name */
  room: string;
  /** absolute path */
  path: string;
  /** its own TypeScript files, tests included; absolute */
  files: string[];
}

export function readManifest(path: string): Manifest {
  const manifest = JSON.parse(
    readFileSync(join(path, 'package.json'), 'utf8'),
  ) as Partial<Manifest>;
  return { name: '', dependencies: {}, devDependencies: {}, ...manifest };
}

/** Every room of the house. */
export function readWorkspaces(): Workspace[] {
  return (['app', 'package'] as const).flatMap((kind) =>
    readdirSync(join(root, `${kind}s`))
      .map((room) => ({ kind, room, path: join(root, `${kind}s`, room) }))
      .filter(({ path }) => existsSync(join(path, 'package.json')))
      .map((place) => ({ ...readManifest(place.path), ...place, files: sourcesOf(place.path) })),
  );
}

/** TypeScript files below a folder, TSX too; absolute. */
export function sourcesOf(path: string): string[] {
  return globSync('**/*.{ts,tsx}', { cwd: path, exclude: (name) => name === 'node_modules' }).map(
    (file) => join(path, file),
  );
}

/** What a file imports, as it is spelled; types included, because they too bind. */
export function importsOf(source: string): string[] {
  const specifiers = source.matchAll(
    /^\s*(?:import|export)\b[^'";]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...specifiers].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}
