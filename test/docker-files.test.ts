import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_KEY_PREFIX } from '@ms1/contracts';
import { Settings } from '@ms1/doctor';
import { aclOf } from '@ms1/redis';
import { loadConfig, processConfig } from '@ms1/runtime';
import { parse } from 'yaml';
import type { z } from 'zod';
import { Config as IngestApi } from '../apps/ingest-api/src/config.ts';
import { Config as Ms4Sender } from '../apps/ms4-sender/src/config.ts';
import { Config as OpsConsole } from '../apps/ops-console/src/config.ts';
import { Config as Poller } from '../apps/poller/src/config.ts';
import { Config as Processor } from '../apps/processor/src/config.ts';
import { Tenant } from '../apps/simulator/src/mail/tenant.ts';
import { readVariables } from '../tools/configuration-page.ts';
import { NODE_ARGUMENTS } from '../tools/fleet/fleet.ts';
import { readWorkspaces, root } from './workspaces.ts';

interface Service {
  image: string;
  build?: { target?: string };
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  container_name?: string;
  network_mode?: string;
  volumes?: string[];
  secrets?: string[];
  profiles?: string[];
  ports?: string[];
  init?: boolean;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  cpus?: number;
  logging?: { options: Record<string, string> };
  stop_grace_period?: string;
  healthcheck?: { test?: string[] };
  depends_on?: Record<string, { condition: string }>;
}

const read = (file: string): string => readFileSync(join(root, 'docker', file), 'utf8');
const compose = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
};
const demo = parseEnv(read('simulator.env')) as Record<string, string>;
/** The command line is run by people, not kept running. */
const apps = readWorkspaces().filter(({ kind, room }) => kind === 'app' && room !== 'cli');
const dockerfile = read('Dockerfile');

test('the image starts Node as the launcher does', () => {
  const [, entrypoint = '[]'] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? [];
  expect(JSON.parse(entrypoint)).toEqual(['node', ...NODE_ARGUMENTS]);
});

describe('compose.yaml', () => {
  test.each(apps.map(({ room }) => room))(
    'runs %s, as the same image but for the simulator',
    (room) => {
      const service = compose.services[room];
      const simulator = room === 'simulator';
      expect(service).toMatchObject({
        image: simulator ? 'ms1-email-ingestor-simulator' : 'ms1-email-ingestor',
        command: [`apps/${room}/src/main.ts`],
        init: true,
      });
      expect(service?.profiles).toEqual(simulator ? ['simulator'] : undefined);
      expect(service?.build?.target).toBe(simulator ? 'simulator' : undefined);
    },
  );

  test('lets the roles that take work be scaled: nothing of theirs is there only once', () => {
    for (const role of ['poller', 'processor', 'ms4-sender']) {
      const { ports, container_name, network_mode } = compose.services[role] ?? {};
      expect([role, ports, container_name, network_mode]).toEqual([
        role,
        ...Array(3).fill(undefined),
      ]);
    }
  });

  test('runs a Redis that persists, never evicts, and is not published', () => {
    const { command = [], ports } = compose.services['redis'] ?? {};
    expect(command.join(' ')).toContain('--appendonly yes');
    expect(command.join(' ')).toContain('--maxmemory-policy noeviction');
    expect(ports).toBeUndefined();
  });

  test.each(['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'] as const)(
    'gives %s the password of its own user of Redis, as a file, once Redis is healthy',
    (role) => {
      const { environment = {}, volumes, depends_on } = compose.services[role] ?? {};
      expect(environment['REDIS_URL_FILE']).toBe('${REDIS_URL_FILE-/run/ms1/redis-url}');
      expect(volumes).toEqual([`${role}-access:/run/ms1:ro`]);
      expect(compose.services['redis']?.volumes).toContain(`${role}-access:/run/ms1/${role}`);
      expect(depends_on).toEqual({ redis: { condition: 'service_healthy' } });
      const [, rights] =
        read('redis/rights')
          .split('\n')
          .map((line) => /^(\S+) (.*)$/.exec(line)?.slice(1) ?? [])
          .find(([name]) => name === role) ?? [];
      expect(rights).toBe(aclOf(role, DEFAULT_KEY_PREFIX));
    },
  );

  test('writes no password down', () => {
    expect(read('compose.yaml') + read('redis/start.sh')).not.toMatch(/redis:\/\/\w*:(?!%s@)/);
  });

  test('publishes nothing beyond the machine unless it is told to', () => {
    const published = Object.values(compose.services).flatMap(({ ports }) => ports ?? []);
    expect(published).toHaveLength(5);
    for (const port of published) expect(port).toContain('127.0.0.1:');
  });

  test.each(Object.entries(compose.services))('bounds what %s may do and take', (name, service) => {
    expect(service).toMatchObject({
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      mem_limit: expect.any(String),
      cpus: expect.any(Number),
      logging: { options: { 'max-size': '10m', 'max-file': '5' } },
      // Grafana unpacks its plugins beside itself.
      ...(name !== 'grafana' && { read_only: true }),
    });
  });

  test('waits longer for an app to end than the app takes', () => {
    const timeoutMs = processConfig.SHUTDOWN_TIMEOUT_MS.parse(undefined);
    for (const { room } of apps) {
      const seconds = Number.parseInt(compose.services[room]?.stop_grace_period ?? '', 10);
      expect(seconds * 1_000).toBeGreaterThan(timeoutMs);
    }
  });

  test.each([
    ['ingest-api', IngestApi],
    ['poller', Poller],
    ['processor', Processor],
    ['ms4-sender', Ms4Sender],
    ['ops-console', OpsConsole],
  ] as const)(
    'lets everything that %s reads be set, but for what its container decides',
    (room, { shape }) => {
      const decided = /^((REDIS|AZURE)_\w+|KEY_PREFIX|SHUTDOWN_TIMEOUT_MS|INGEST_API_HOST)$/;
      const passed = Object.keys(compose.services[room]?.environment ?? {});
      const missing = Object.keys(shape).filter(
        (name) => !decided.test(name) && !passed.includes(name),
      );
      expect(missing).toEqual([]);
    },
  );

  test('takes every secret as a file too, which only the roles see that are given it', () => {
    const secrets = readVariables().filter(({ secret }) => secret);
    for (const { environment = {}, secrets: mounted = [] } of Object.values(compose.services)) {
      for (const { name } of secrets) {
        // Those of the simulation, and of Redis, are made up.
        if (!(name in environment) || /^(GRAPH_STATIC|SIMULATOR|REDIS)_/.test(name)) continue;
        const file = name.toLowerCase();
        expect(environment[`${name}_FILE`]).toBe(`\${${name}_FILE:+/run/secrets/${file}}`);
        expect(mounted).toContain(file);
        expect(compose.secrets[file]).toEqual({ file: `\${${name}_FILE:-/dev/null}` });
      }
    }
  });

  test('refuses an empty configuration before anything starts', () => {
    const demanded = [...read('compose.yaml').matchAll(/\$\{(\w+:?)\?/g)].map(([, name]) => name);
    // Empty is for those with several tenants; an expression with both is not one that Compose 2.26 understands.
    expect(new Set(demanded)).toEqual(new Set(['GRAPH_TENANT_ID', 'MS4_BASE_URL:']));
  });

  test('runs ms1 on demand, with everything that doctor reads', () => {
    const { entrypoint, profiles, environment = {} } = compose.services['ms1'] ?? {};
    expect([entrypoint, profiles]).toEqual([['ms1'], ['tools']]);
    const decided = /^((REDIS|AZURE)_\w+|KEY_PREFIX|SHUTDOWN_TIMEOUT_MS|HEALTH_HOST)$/;
    const missing = Settings.variables.filter(
      (name) => !decided.test(name) && !(name in environment),
    );
    expect(missing).toEqual([]);
  });

  test('passes on only variables that an app knows', () => {
    const known = readVariables().map(({ name }) => name);
    for (const { environment = {} } of Object.values(compose.services)) {
      for (const name of Object.keys(environment)) {
        expect(known).toContain(known.includes(name) ? name : name.replace(/_FILE$/, ''));
      }
    }
  });
});

describe('simulator.env', () => {
  test('names the organisation that the simulator makes from its default seed', () => {
    const tenant = new Tenant({ seed: 1, mailboxes: 20 });
    expect(demo).toMatchObject({
      COMPOSE_PROFILES: 'simulator',
      GRAPH_TENANT_ID: tenant.id,
      MAILBOXES: tenant.mailboxes.map(({ id }) => id).join(','),
    });
  });

  test('is a configuration that the apps accept', () => {
    for (const schema of [Poller, Processor, Ms4Sender, OpsConsole]) {
      expect(() => loadConfig<z.ZodRawShape>(schema, demo)).not.toThrow();
    }
  });
});

describe('the Dockerfile', () => {
  test('builds with the oldest builder too: no syntax line, no digest, no npm ci', () => {
    const lines = dockerfile.split('\n').filter((line) => !line.startsWith('#'));
    expect(dockerfile).not.toMatch(/^# *syntax *=/m);
    expect(lines.join('\n')).not.toMatch(/@sha256:|npm ci|--mount/);
  });

  test('runs as a user without rights, on Node 24, without development dependencies', () => {
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
    const stages = [...dockerfile.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)];
    const bases = stages.map(([, base = '']) => base);
    const names = stages.map(([, , name]) => name);
    const taken = bases.filter((base) => !names.includes(base));
    expect(new Set(taken)).toEqual(new Set(['node:24-slim']));
    expect(bases.at(-1)).toBe('fleet');
    expect(dockerfile).toContain('npm install --omit=dev --ignore-scripts');
  });

  test('has ms1 on the path', () => {
    expect(dockerfile).toContain('ln -s ../apps/cli/bin/ms1.mjs bin/ms1');
    expect(dockerfile).toMatch(/^ENV PATH=\/app\/bin:\$PATH$/m);
  });
});
