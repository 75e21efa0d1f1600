import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { Settings } from '../apps/cli/src/doctor/settings.ts';
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
  build: { target?: string };
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  network_mode?: string;
  volumes?: string[];
  profiles?: string[];
  ports?: string[];
  init?: boolean;
}

const read = (file: string): string => readFileSync(join(root, 'docker', file), 'utf8');
const compose = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, Service>;
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
        network_mode: 'service:pod',
        init: true,
      });
      expect(service?.profiles).toEqual(simulator ? ['simulator'] : undefined);
      expect(service?.build.target).toBe(simulator ? 'simulator' : undefined);
    },
  );

  test('runs a Redis that persists and never evicts, which only the pod reaches', () => {
    const { command, network_mode, ports } = compose.services['redis'] ?? {};
    expect(command?.join(' ')).toContain('--appendonly yes');
    expect(command?.join(' ')).toContain('--maxmemory-policy noeviction');
    expect(command?.join(' ')).toContain('--bind 127.0.0.1');
    expect({ network_mode, ports }).toEqual({ network_mode: 'service:pod', ports: undefined });
  });

  test('gives the password of Redis to those who use it, as a file, and writes none down', () => {
    for (const [name, { environment = {}, volumes = [] }] of Object.entries(compose.services)) {
      if (name === 'redis') continue;
      const asks = !['pod', 'simulator'].includes(name);
      expect([name, environment['REDIS_URL_FILE'], volumes]).toEqual([
        name,
        asks ? '/run/ms1/redis-url' : undefined,
        asks ? ['redis-access:/run/ms1:ro'] : [],
      ]);
    }
    expect(read('compose.yaml')).not.toMatch(/redis:\/\/:(?!%s@)/);
  });

  test('publishes nothing beyond the machine unless it is told to', () => {
    const published = Object.values(compose.services).flatMap(({ ports }) => ports ?? []);
    expect(published).toHaveLength(3);
    for (const port of published) expect(port).toContain('127.0.0.1:');
  });

  test('gives no two processes of the pod one port', () => {
    const ports = Object.values(compose.services).flatMap(({ environment = {} }) =>
      Object.entries(environment).flatMap(([name, value]) =>
        name.endsWith('_PORT') ? [value] : [],
      ),
    );
    expect(new Set(ports).size).toBe(ports.length);
  });

  test.each([
    ['ingest-api', IngestApi],
    ['poller', Poller],
    ['processor', Processor],
    ['ms4-sender', Ms4Sender],
    ['ops-console', OpsConsole],
  ] as const)(
    'lets everything that %s reads be set, but for what the pod decides',
    (room, { shape }) => {
      // Redis is the pod's own, and health is asked on loopback.
      const decided =
        /^((REDIS|AZURE)_\w+|KEY_PREFIX|SHUTDOWN_TIMEOUT_MS|HEALTH_HOST|INGEST_API_HOST)$/;
      const passed = Object.keys(compose.services[room]?.environment ?? {});
      const missing = Object.keys(shape).filter(
        (name) => !decided.test(name) && !passed.includes(name),
      );
      expect(missing).toEqual([]);
    },
  );

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
        expect(known).toContain(name.replace(/^(REDIS_URL)_FILE$/, '$1'));
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
    expect(Poller.safeParse(demo).error?.issues ?? []).toEqual([]);
    expect(OpsConsole.safeParse(demo).error?.issues ?? []).toEqual([]);
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
    expect(bases.filter((base) => !names.includes(base))).toEqual(['node:24-slim', 'node:24-slim']);
    expect(bases.at(-1)).toBe('fleet');
    expect(dockerfile).toContain('npm install --omit=dev --ignore-scripts');
  });

  test('has ms1 on the path', () => {
    expect(dockerfile).toContain('ln -s ../apps/cli/bin/ms1.mjs bin/ms1');
    expect(dockerfile).toMatch(/^ENV PATH=\/app\/bin:\$PATH$/m);
  });
});
