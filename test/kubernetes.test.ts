import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROUTES } from '@ms1/console-api';
import { loadConfig, serveHealth } from '@ms1/runtime';
import type { z } from 'zod';

import { Config as IngestApi } from '../apps/ingest-api/src/config.ts';
import { Config as Ms4Sender } from '../apps/ms4-sender/src/config.ts';
import { Config as OpsConsole } from '../apps/ops-console/src/config.ts';
import { Config as Poller } from '../apps/poller/src/config.ts';
import { Config as Processor } from '../apps/processor/src/config.ts';
import { Config as Simulator } from '../apps/simulator/src/config.ts';
import { readVariables } from '../tools/configuration-page.ts';
import { type Container, type Manifest, podOf, render } from './manifests.ts';
import { type Caller, mayReach } from './who-may-reach.ts';
import { root } from './workspaces.ts';

const ROLES = ['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'] as const;
const SCHEMAS: Record<string, z.ZodObject> = {
  'ingest-api': IngestApi,
  poller: Poller,
  processor: Processor,
  'ms4-sender': Ms4Sender,
  'ops-console': OpsConsole,
  simulator: Simulator,
};
const overlays = ['overlays/production', 'overlays/simulator'].map((name) => ({
  name,
  ...render(name),
}));
const [production, simulator] = overlays;
if (!production || !simulator) throw new Error('no overlay');

const kindOf = (manifests: readonly Manifest[], kind: string): Manifest[] =>
  manifests.filter((manifest) => manifest.kind === kind);
const namesOf = (manifests: readonly Manifest[], kind: string): string[] =>
  kindOf(manifests, kind).map(({ metadata }) => metadata.name);
const containerOf = (manifest: Manifest): Container => {
  const [container] = podOf(manifest)?.spec.containers ?? [];
  if (!container) throw new Error(`${manifest.metadata.name} has no container`);
  return container;
};
/** What runs of one's own image. */
const ours = overlays.flatMap(({ name, manifests, config }) =>
  manifests
    .filter((manifest) => podOf(manifest) && manifest.metadata.name !== 'redis')
    .map((manifest) => ({ name: `${manifest.metadata.name} of ${name}`, manifest, config })),
);
const deployed = ours.filter(({ manifest }) => manifest.kind === 'Deployment');
const everyPod = overlays.flatMap(({ manifests }) => manifests.flatMap((one) => podOf(one) ?? []));

describe('every role', () => {
  test.each(overlays)('runs in $name, may be drained, and is somebody of its own', (overlay) => {
    for (const kind of ['Deployment', 'PodDisruptionBudget', 'ServiceAccount']) {
      expect(namesOf(overlay.manifests, kind)).toEqual(expect.arrayContaining([...ROLES]));
    }
    for (const manifest of kindOf(overlay.manifests, 'Deployment')) {
      const { name } = manifest.metadata;
      if (!ROLES.includes(name as never)) continue;
      const { serviceAccountName, volumes, topologySpreadConstraints } =
        podOf(manifest)?.spec ?? {};
      expect(containerOf(manifest).args).toEqual([`apps/${name}/src/main.ts`]);
      expect(serviceAccountName).toBe(name);
      expect(volumes?.[0]?.secret?.secretName).toBe(name);
      expect(topologySpreadConstraints?.map(({ topologyKey }) => topologyKey)).toEqual([
        'topology.kubernetes.io/zone',
        'kubernetes.io/hostname',
      ]);
    }
  });

  test.each(everyPod)('is a user by number, without rights: $metadata.labels', ({ spec }) => {
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      // They would set INGEST_API_PORT to an address.
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: expect.any(Number),
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
    for (const container of spec.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
    }
  });

  test.each(ours)('$name is the user that the image is', ({ manifest }) => {
    const user = /^USER (\d+):/m.exec(readFileSync(join(root, 'docker/Dockerfile'), 'utf8'))?.[1];
    expect(podOf(manifest)?.spec.securityContext.runAsUser).toBe(Number(user));
  });

  test.each(deployed)('$name is given the time to end that it takes', ({ manifest, config }) => {
    const container = containerOf(manifest);
    const [, seconds = '0'] = container.lifecycle?.preStop.exec.command ?? [];
    const endsMs = Number(seconds) * 1_000 + Number(config['SHUTDOWN_TIMEOUT_MS']);
    const { terminationGracePeriodSeconds = 0 } = podOf(manifest)?.spec ?? {};
    expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThanOrEqual(endsMs + 5_000);
  });
});

describe('probes', () => {
  const source = { alive: true, unready: async () => ({}) };
  let health: Awaited<ReturnType<typeof serveHealth>>;
  beforeAll(async () => {
    health = await serveHealth(source, { host: '127.0.0.1', port: 0 });
  });
  afterAll(() => health.close());

  test.each(deployed)(
    'of $name ask what is answered, where it listens',
    async ({ manifest, config }) => {
      const { startupProbe, livenessProbe, readinessProbe, ports } = containerOf(manifest);
      const probes = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet);
      expect(probes.map((probe) => probe?.path)).toEqual(['/healthz', '/healthz', '/readyz']);
      for (const probe of probes) {
        const answer = await fetch(`http://127.0.0.1:${health.port}${probe?.path}`);
        await answer.body?.cancel();
        expect(answer.status).toBe(200);
        const port = ports.find(({ name }) => name === probe?.port)?.containerPort;
        const simulated = manifest.metadata.name === 'simulator';
        expect(port).toBe(
          simulated
            ? Simulator.shape.SIMULATOR_PORT.parse(undefined)
            : Number(config['HEALTH_PORT']),
        );
      }
      expect(config['HEALTH_HOST']).toBe('0.0.0.0');
    },
  );
});

describe('the configuration', () => {
  test.each(ours)('of $name has only variables that there are', ({ manifest, config }) => {
    const known = readVariables();
    const given = [
      ...Object.keys(config),
      ...(containerOf(manifest).env ?? []).map(({ name }) => name),
    ];
    const unknown = given.filter(
      (name) =>
        !known.some((one) => name === one.name || (one.secret && name === `${one.name}_FILE`)),
    );
    expect(unknown).toEqual([]);
  });

  test.each(Object.entries(SCHEMAS))('of the simulator is one that %s accepts', (_, schema) => {
    expect(() => loadConfig(schema, simulator.config)).not.toThrow();
  });

  test('of the simulator is that of Compose, but for the addresses of pods', () => {
    const compose = parseEnv(readFileSync(join(root, 'docker/simulator.env'), 'utf8'));
    const { COMPOSE_PROFILES: _, TRUSTED_NETWORK: networks, ...same } = compose;
    expect(simulator.config).toMatchObject(same);
    expect(simulator.config['TRUSTED_NETWORK']).toContain(networks);
  });

  test('gives the ports of services by the names that are called', () => {
    const ports = (manifests: readonly Manifest[]) =>
      kindOf(manifests, 'Service').map(({ metadata, spec }) => [
        metadata.name,
        (spec['ports'] as { port: number }[])[0]?.port,
      ]);
    expect(ports(simulator.manifests)).toEqual([
      ['ingest-api', IngestApi.shape.INGEST_API_PORT.parse(undefined)],
      ['ops-console', OpsConsole.shape.OPS_CONSOLE_PORT.parse(undefined)],
      ['simulator', Simulator.shape.SIMULATOR_PORT.parse(undefined)],
      ['redis', 6379],
    ]);
  });
});

describe('who may reach whom', () => {
  const labelsOf = (name: string) => ({
    'app.kubernetes.io/name': name,
    ...(name !== 'simulator' && name !== 'redis' && { 'app.kubernetes.io/part-of': 'ms1' }),
  });
  const pod = (name: string): Caller => ({ namespace: 'own', labels: labelsOf(name) });
  const of = (namespace: string): Caller => ({ namespace, labels: {} });
  const PORTS = [3000, 4300, 6379, 8080, 8081];
  const reached = (manifests: readonly Manifest[], caller: Caller): string[] =>
    manifests.flatMap((manifest) => {
      const labels = podOf(manifest)?.metadata.labels;
      if (!labels) return [];
      return PORTS.filter((port) => mayReach(manifests, { caller, pod: labels, port })).map(
        (port) => `${manifest.metadata.name}:${port}`,
      );
    });

  test.each(overlays)('the world: the webhook of $name and nothing else', ({ manifests }) => {
    expect(reached(manifests, 'world')).toEqual(['ingest-api:8080']);
    expect(reached(manifests, of('default'))).toEqual(['ingest-api:8080']);
    // Control: without the policies it is everything.
    const open = manifests.filter(({ kind }) => kind !== 'NetworkPolicy');
    expect(reached(open, 'world').length).toBeGreaterThan(20);
  });

  test.each(overlays)('Prometheus: the metrics of each role of $name', ({ manifests }) => {
    const metrics = [...ROLES, 'doctor'].map((role) => `${role}:8081`);
    expect(reached(manifests, of('monitoring'))).toEqual(
      expect.arrayContaining(['ingest-api:8080', ...metrics]),
    );
    expect(reached(manifests, of('monitoring'))).toHaveLength(metrics.length + 1);
  });

  test('KEDA: the console', () => {
    expect(reached(production.manifests, of('keda'))).toEqual([
      'ingest-api:8080',
      'ops-console:3000',
    ]);
  });

  // That each needs all of it, and nothing else, is shown by a running fleet: test/as-image.long.ts.
  test.each([
    ['poller', ['simulator:4300', 'redis:6379']],
    ['processor', ['simulator:4300', 'redis:6379']],
    ['ms4-sender', ['simulator:4300', 'redis:6379']],
    ['doctor', ['simulator:4300', 'redis:6379']],
    ['ingest-api', ['redis:6379']],
    ['ops-console', ['redis:6379']],
    ['simulator', []],
    ['redis', []],
  ])('%s: what it needs of what is simulated, and nothing of the fleet', (name, simulated) => {
    const webhook = 'ingest-api:8080';
    expect(reached(production.manifests, pod(name))).toEqual([webhook]);
    expect(reached(simulator.manifests, pod(name))).toEqual([webhook, ...simulated]);
  });
});

describe('production', () => {
  test('knows by a workload identity whoever calls Graph', () => {
    const known = kindOf(production.manifests, 'ServiceAccount').filter(
      ({ metadata }) => metadata.annotations?.['azure.workload.identity/client-id'],
    );
    const labelled = production.manifests.filter(
      (manifest) => podOf(manifest)?.metadata.labels['azure.workload.identity/use'] === 'true',
    );
    const names = labelled.map(({ metadata }) => metadata.name).toSorted();
    expect(names).toEqual(['doctor', 'poller', 'processor']);
    expect(known.map(({ metadata }) => metadata.name).toSorted()).toEqual(names);
  });

  test.each(kindOf(production.manifests, 'ScaledObject'))(
    'scales $metadata.name by what the console counts',
    ({ metadata: { name }, spec }) => {
      const target = kindOf(production.manifests, 'Deployment').find(
        (one) => one.metadata.name === name,
      );
      // Its number is KEDA's to say.
      expect(target?.spec).not.toHaveProperty('replicas');
      expect(spec['scaleTargetRef']).toEqual({ name });
      const [trigger] = spec['triggers'] as { type: string; metadata: Record<string, string> }[];
      const { url = '', valueLocation = '' } = trigger?.metadata ?? {};
      const { hostname, port, pathname } = new URL(url);
      expect([hostname, port]).toEqual(['ops-console.ms1.svc', '3000']);
      const route = ROUTES[`GET ${pathname.replace(/^\/api/, '')}` as 'GET /overview'];
      const { scaling } = route.responses[200].shape;
      const [, role, field] = /^scaling\.([\w-]+)\.(\w+)$/.exec(valueLocation) ?? [];
      expect(role).toBe(name);
      expect(Object.keys(scaling.shape[name as 'processor'].shape)).toContain(field);
    },
  );

  test('lets the world find the webhook, and nothing else', () => {
    const backends = kindOf(production.manifests, 'Ingress').map(({ spec }) =>
      JSON.stringify(spec),
    );
    expect(backends).toHaveLength(1);
    expect(backends[0]).toContain('"path":"/webhooks/graph"');
    expect(backends[0]?.match(/"service":\{"name":"[\w-]+"/g)).toEqual([
      '"service":{"name":"ingest-api"',
    ]);
    const published = kindOf(production.manifests, 'Service').filter(({ spec }) => spec['type']);
    expect(published).toEqual([]);
  });
});
