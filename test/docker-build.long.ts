import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { freePort, spawnApp, startRedis } from '@ms1/testkit';

import { installedPackages } from './installed-packages.ts';
import { root } from './workspaces.ts';

const HOME = '/home/node';
/** Of the page, of tests and of the simulator: what the fleet does not run. */
const NOT_OF_THE_FLEET = ['esbuild', 'preact', '@preact', 'playwright-core', '@faker-js/faker'];

/**
 * Carries out the Dockerfile without an engine: COPY, RUN, ENV and WORKDIR, each stage in a folder of
 * its own, what would be the image's root below that folder.
 */
function build(folder: string): { app: string; simulator: string; env: Record<string, string> } {
  const env: Record<string, string> = {};
  const stages: Record<string, string> = {};
  let stage = '';
  const inStage = (path: string): string =>
    path
      .replaceAll(/(?<=^|:)\/app(?=\/)/g, join(stage, 'app'))
      .replaceAll(HOME, join(stage, 'home'))
      .replace('$PATH', pathWithNode());
  for (const line of readFileSync(join(root, 'docker', 'Dockerfile'), 'utf8').split('\n')) {
    const [instruction = '', ...words] = line.split(' ');
    switch (instruction) {
      case 'FROM':
        stage = join(folder, words[2] ?? 'final');
        if (words[2]) stages[words[2]] = stage;
        mkdirSync(join(stage, 'home'), { recursive: true });
        copyStage(stages[words[0] ?? ''], stage);
        break;
      case 'WORKDIR':
        if (words[0] !== '/app') throw new Error(`unexpected: ${line}`);
        mkdirSync(join(stage, 'app'), { recursive: true });
        break;
      case 'ENV': {
        const [name = '', value = ''] = words.join(' ').split('=');
        env[name] = inStage(value);
        break;
      }
      case 'COPY':
        copy(words, stages, join(stage, 'app'));
        break;
      case 'RUN':
        execFileSync('sh', ['-c', words.join(' ')], {
          cwd: join(stage, 'app'),
          stdio: 'pipe',
          // With the npm configuration of whoever runs this: it knows the registry.
          env: { ...process.env, PATH: pathWithNode(), ...env },
          timeout: 240_000,
        });
        break;
      default:
        break;
    }
  }
  return { app: join(stage, 'app'), simulator: join(stages['simulator'] ?? '', 'app'), env };
}

/** A stage that begins as another one was left. */
function copyStage(from: string | undefined, to: string): void {
  if (from) execFileSync('cp', ['-a', `${from}/.`, to]);
}

function copy(words: string[], stages: Record<string, string>, app: string): void {
  const from = /^--from=(.+)$/.exec(words[0] ?? '')?.[1];
  if (from) {
    const [, path = '', target = '.'] = words;
    const source = join(stages[from] ?? '', path);
    // Into what is there already, links among it.
    execFileSync('cp', ['-a', `${source}/.`, join(app, target)]);
    return;
  }
  const target = words.at(-1) ?? '.';
  for (const path of words.slice(0, -1)) {
    const to = target === './' ? join(app, basename(path)) : join(app, target);
    cpSync(join(root, path), to, {
      recursive: true,
      filter: (file) => basename(file) !== 'node_modules' && !file.endsWith('.test.ts'),
    });
  }
}

/** The CycloneDX document that the image holds of itself. */
interface Bom {
  bomFormat: string;
  components: { purl: string; hashes?: { alg: string }[] }[];
}

/** `pkg:npm/%40scope/name@1.0.0` is `@scope/name@1.0.0`. */
function listedPackages({ components }: Bom): string[] {
  return components
    .map(({ purl }) => decodeURIComponent(purl.replace(/^pkg:npm\//, '')))
    .toSorted();
}

/** What the build bundled is served, without a bundler; msgpackr's own code is native without an install script. */
const WITHOUT_SCRIPTS = `
const { bundlePage } = await import('./apps/ops-console/src/page/bundle-page.ts');
const { createRequire } = await import('node:module');
const { isNativeAccelerationEnabled } = createRequire(import.meta.resolve('bullmq'))('msgpackr');
const { assets } = await bundlePage();
console.log(JSON.stringify({ assets: assets.size, isNativeAccelerationEnabled }));`;

/** The Node of the tests is the image's. */
function pathWithNode(): string {
  return `${join(process.execPath, '..')}:${process.env['PATH']}`;
}

describe('the image', () => {
  test('is built by its Dockerfile, holds no development dependency, and its apps start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ms1-image-'));
    try {
      const { app, simulator, env } = build(folder);
      const tools = ['jest', 'typescript', 'node', '@biomejs', 'knip', 'oxlint'];
      const unwanted = [...tools, ...NOT_OF_THE_FLEET].map((name) => `node_modules/${name}`);
      const folders = [
        'apps/simulator',
        'packages/testkit',
        'apps/ops-console/src/page/browser/main.tsx',
      ];
      const found = [...unwanted, ...folders].filter((path) => existsSync(join(app, path)));
      expect(found).toEqual([]);
      const cached = readdirSync(env['NODE_COMPILE_CACHE'] ?? '', { recursive: true });
      expect(cached.length).toBeGreaterThan(100);

      const bom = JSON.parse(readFileSync(join(app, 'sbom.cdx.json'), 'utf8')) as Bom;
      expect(bom.bomFormat).toBe('CycloneDX');
      expect(listedPackages(bom)).toEqual(installedPackages(join(app, 'node_modules')));
      const unhashed = bom.components.filter(
        ({ purl, hashes }) => !purl.startsWith('pkg:npm/%40ms1/') && hashes?.[0]?.alg !== 'SHA-512',
      );
      expect(unhashed).toEqual([]);

      const args = ['--input-type=module', '--eval', WITHOUT_SCRIPTS];
      const bundled = execFileSync(process.execPath, args, { cwd: app, env, encoding: 'utf8' });
      expect(JSON.parse(bundled)).toEqual({ assets: 2, isNativeAccelerationEnabled: true });

      const help = execFileSync('ms1', ['--help'], { env, encoding: 'utf8' });
      expect(help).toContain('doctor [options]');

      const simulatorPort = String(await freePort());
      await using simulated = spawnApp({
        entry: join(simulator, 'apps', 'simulator', 'src', 'main.ts'),
        env: { ...env, SIMULATOR_PORT: simulatorPort, SIMULATOR_TOKEN: 'of the test' },
      });
      await simulated.ready(`http://127.0.0.1:${simulatorPort}/healthz`);
      expect(await simulated.stop('SIGTERM')).toBe(0);

      await using redis = await startRedis();
      const healthPort = String(await freePort());
      await using api = spawnApp({
        entry: join(app, 'apps', 'ingest-api', 'src', 'main.ts'),
        env: {
          ...env,
          REDIS_URL: redis.url,
          HEALTH_PORT: healthPort,
          INGEST_API_HOST: '127.0.0.1',
          INGEST_API_PORT: '0',
        },
      });
      await api.ready(`http://127.0.0.1:${healthPort}/healthz`);
      execFileSync('bash', ['docker/health-check.sh'], {
        cwd: app,
        env: { HEALTH_PORT: healthPort },
      });
      expect(await api.stop('SIGTERM')).toBe(0);
      expect(() =>
        execFileSync('bash', ['docker/health-check.sh'], {
          cwd: app,
          env: { HEALTH_PORT: healthPort },
        }),
      ).toThrow();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 900_000);
});
