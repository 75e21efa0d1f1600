import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { importsOf, readManifest, readWorkspaces, root, sourcesOf } from './workspaces.ts';

const workspaces = readWorkspaces();
const names = new Set(workspaces.map(({ name }) => name));
const appNames = new Set(workspaces.filter(({ kind }) => kind === 'app').map(({ name }) => name));

/** A level imports only those above it here: what joins two mechanisms is an app, or the frame that all apps share. */
const LEVELS = [
  [
    '@ms1/bullmq-batch',
    '@ms1/contracts',
    '@ms1/entra',
    '@ms1/http-client',
    '@ms1/resilience',
    '@ms1/runtime',
    '@ms1/tracing',
  ],
  ['@ms1/redis'],
  [
    '@ms1/console-api',
    '@ms1/coordination',
    '@ms1/ledger',
    '@ms1/mailboxes',
    '@ms1/ms4-client',
    '@ms1/queue',
  ],
  ['@ms1/graph-client'],
  ['@ms1/doctor', '@ms1/process'],
];
/** For tests only; it starts servers, so it stands outside the levels. */
const TESTKIT = '@ms1/testkit';
/** What may be imported by whom, where that is not everybody. */
const KEEPERS: Record<string, readonly string[]> = {
  bullmq: ['@ms1/bullmq-batch', '@ms1/queue', '@ms1/ops-console'],
  ioredis: ['@ms1/bullmq-batch', '@ms1/redis', TESTKIT],
  '@azure/msal-node': ['@ms1/entra', '@ms1/graph-client'],
  '@microsoft/microsoft-graph-client': ['@ms1/graph-client'],
};
const HEADINGS = ['// config', '// connect', '// wire', '// run', '// shutdown'];
const LINES_MAX = 400;
const MAIN_LINES_MAX = 80;

/** Allowed siblings of a workspace. */
function allowedSiblings(name: string): readonly string[] {
  if (name === TESTKIT) return ['@ms1/contracts'];
  const own = LEVELS.findIndex((level) => level.includes(name));
  return LEVELS.slice(0, own === -1 ? LEVELS.length : own).flat();
}

function isTest(file: string): boolean {
  return /\.(test|itest|long|e2e)\.ts$/.test(file) || /[\\/]test[\\/]/.test(file);
}

/** Types of a library that is somebody else's to call: they bind to nothing at run time. */
function valueImportsOf(source: string): string[] {
  return importsOf(source.replaceAll(/^import type [^;]*;$/gm, ''));
}

describe.each(workspaces)(
  '$name',
  ({ name, kind, room, path, files, dependencies, devDependencies, exports }) => {
    const sources = files.filter((file) => !isTest(file));

    test('is named for its folder and has the door its kind has', () => {
      expect(name).toBe(`@ms1/${room}`);
      expect(exports).toEqual(kind === 'package' ? { '.': './src/index.ts' } : undefined);
    });

    test('depends on no sibling above or beside it', () => {
      const siblings = Object.keys(dependencies).filter((dependency) => names.has(dependency));
      expect(siblings.filter((sibling) => !allowedSiblings(name).includes(sibling))).toEqual([]);
    });

    test('has the testkit for its tests only', () => {
      expect(dependencies).not.toHaveProperty(TESTKIT);
      const users = sources.filter((file) =>
        importsOf(readFileSync(file, 'utf8')).includes(TESTKIT),
      );
      expect(users).toEqual([]);
    });

    test('imports what it declares, siblings by their name, libraries only if it keeps them', () => {
      const declared = { ...dependencies, ...devDependencies };
      const faults = files.flatMap((file) => {
        const source = readFileSync(file, 'utf8');
        const wrong = importsOf(source).filter((specifier) => {
          if (specifier.startsWith('.')) {
            return (
              !join(file, '..', specifier).startsWith(path) || !/\.(tsx?|js|json)$/.test(specifier)
            );
          }
          const library = libraryOf(specifier);
          if (appNames.has(library)) return true;
          return names.has(library) && (specifier !== library || !(library in declared));
        });
        const kept = isTest(file)
          ? []
          : valueImportsOf(source).filter((specifier) => {
              const keepers = KEEPERS[libraryOf(specifier)];
              return keepers !== undefined && !keepers.includes(name);
            });
        return [...wrong, ...kept].map(
          (specifier) => `${relative(root, file)} imports ${specifier}`,
        );
      });
      expect(faults).toEqual([]);
    });

    test('leaves the environment and the exit to its main.ts', () => {
      // configOrExit and App.acquire end the process on behalf of main.ts, before anything runs.
      const onBehalf = ['@ms1/runtime'];
      const faults = sources
        .filter(
          (file) => basename(file) !== 'main.ts' && !onBehalf.includes(name) && name !== TESTKIT,
        )
        .filter((file) =>
          /\bprocess\.(env|exit)\b/.test(withoutComments(readFileSync(file, 'utf8'))),
        );
      expect(faults.map((file) => relative(root, file))).toEqual([]);
    });

    if (kind === 'app') {
      test('has a short main.ts that reads top to bottom in five headings', () => {
        const lines = readFileSync(join(path, 'src', 'main.ts'), 'utf8').split('\n');
        expect(lines.filter((line) => HEADINGS.includes(line))).toEqual(HEADINGS);
        expect(lines.length).toBeLessThanOrEqual(MAIN_LINES_MAX);
      });

      test('waits for nothing at its top level that does not end it with one sentence', () => {
        const source = readFileSync(join(path, 'src', 'main.ts'), 'utf8');
        // Within a function an await is somebody else's: those are indented.
        const waits = source.match(/^(?:\S.*)?\bawait [\w.]+/gm) ?? [];
        const ends =
          /\basync\b|\bawait (?:app\.acquire|app\.run|fleet\.run|runCli|open(?:Process|Directory|Graph|Ms4))$/;
        expect(waits.filter((wait) => !ends.test(wait))).toEqual([]);
      });
    }
  },
);

describe('the house', () => {
  test('is drawn in docs/architecture.md as it is', () => {
    const page = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
    const drawn = [...page.matchAll(/^ +subgraph level\d.*\n(?<rooms>[\s\S]*?)\n +end$/gm)]
      .map(({ groups }) => groups?.['rooms']?.match(/[a-z][\w-]+/g)?.map((room) => `@ms1/${room}`))
      .toReversed();
    expect(drawn).toEqual(LEVELS);
    const rooms = workspaces.filter(({ kind }) => kind === 'package').map(({ room }) => room);
    expect(rooms.filter((room) => !page.includes(`\n| \`${room}\` `))).toEqual([]);
  });

  test('pins every version exactly', () => {
    const manifests = [readManifest(root), ...workspaces];
    const loose = manifests.flatMap(({ name, dependencies, devDependencies }) =>
      Object.entries({ ...dependencies, ...devDependencies })
        .filter(([dependency, version]) =>
          names.has(dependency) ? version !== '*' : !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
        )
        .map(([dependency, version]) => `${name}: ${dependency} ${version}`),
    );
    expect(loose).toEqual([]);
  });

  test('has one version of each library', () => {
    const versions = new Map<string, Set<string>>();
    for (const { dependencies, devDependencies } of [readManifest(root), ...workspaces]) {
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
        versions.set(name, (versions.get(name) ?? new Set()).add(version));
      }
    }
    expect([...versions].filter(([, found]) => found.size > 1)).toEqual([]);
  });

  test('has a lock file without download addresses', () => {
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    expect(lock).not.toMatch(/"resolved": "https?:/);
    expect(lock).not.toMatch(/https?:\/\/[^"]*\.tgz/);
  });

  test('has no file over 400 lines of code', () => {
    const folders = ['apps', 'packages', 'tools', 'test', 'bench'].map((folder) =>
      join(root, folder),
    );
    const long = folders.flatMap(sourcesOf).flatMap((file) => {
      const count = withoutComments(readFileSync(file, 'utf8'))
        .split('\n')
        .filter((line) => line.trim() !== '').length;
      return count > LINES_MAX ? [`${relative(root, file)}: ${count}`] : [];
    });
    expect(long).toEqual([]);
  });

  test('has no drawer that everything ends up in', () => {
    const drawers = /(^|[\\/])(utils?|helpers?|common|types|misc|shared)(\.tsx?|[\\/])/;
    const folders = ['apps', 'packages', 'tools', 'test', 'bench'].map((folder) =>
      join(root, folder),
    );
    const found = folders.flatMap(sourcesOf).map((file) => relative(root, file));
    expect(found.filter((file) => drawers.test(file))).toEqual([]);
    expect(found.filter((file) => !/^[a-z0-9.-]+$/.test(basename(file)))).toEqual([]);
  });
});

describe('the rules themselves', () => {
  test('see imports however they are written', () => {
    const source = [
      "import { a } from 'one';",
      "import type { B } from 'two';",
      "import 'three';",
      "export {\n  c,\n} from './four.ts';",
      "const d = await import('five');",
      "// import { e } from 'not a line of code'",
    ].join('\n');
    expect(importsOf(source)).toEqual(['one', 'two', 'three', './four.ts', 'five']);
    expect(valueImportsOf(source)).not.toContain('two');
  });

  test('count code and not comments', () => {
    expect(withoutComments("/* a\n b */\nconst url = 'http://x'; // c\n").trim()).toBe(
      "const url = 'http://x';",
    );
  });
});

function libraryOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Rough, and enough to count lines and look for names: a `//` after a colon is an address. */
function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[^:'"`])\/\/.*$/gm, '$1');
}
