import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { freePort, startRedis, until } from '@ms1/testkit';

import type { ImageTree } from './image-tree.ts';
import { type Manifest, podOf, render } from './manifests.ts';
import { PodNetwork, type Service } from './pod-network.ts';

const OVERLAY = 'overlays/simulator';
const HEALTH = 8081;
const PORTS: Readonly<Record<string, number>> = {
  redis: 6379,
  simulator: 4300,
  'ingest-api': 8080,
  'ops-console': 3000,
};
/** A service in a URL. */
const NAMED = /(?<=:\/\/)([a-z0-9-]+):\d+/;

interface Pod {
  readonly role: string;
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

/**
 * The pods of docker/kubernetes/overlays/simulator, as many as it has of each, as processes of the image: each at an
 * address of its own on loopback, and with no way to another but through the network.
 */
export class ManifestPods implements AsyncDisposable {
  readonly pods: Pod[] = [];
  readonly network: PodNetwork;
  readonly manifests: readonly Manifest[];
  readonly config: Readonly<Record<string, string>>;
  readonly #stack = new AsyncDisposableStack();
  readonly #tree: ImageTree;
  readonly #services = new Map<string, Service>();
  readonly #ways = new Map<string, Promise<string>>();

  constructor(tree: ImageTree) {
    ({ manifests: this.manifests, config: this.config } = render(OVERLAY));
    this.network = this.#stack.use(new PodNetwork(this.manifests));
    this.#tree = tree;
  }

  /** Where the test itself finds the simulator. */
  get simulatorUrl(): string {
    const { hosts, listens } = this.#service('simulator');
    return `http://${hosts[0]}:${listens}`;
  }

  /** All of them, ready. */
  async start(): Promise<void> {
    const health = await freePort();
    // Random, so that no other run of this test has it.
    const net = `127.${randomInt(1, 255)}.${randomInt(1, 255)}`;
    let last = 0;
    for (const deployment of this.manifests.filter(({ kind }) => kind === 'Deployment')) {
      const { name } = deployment.metadata;
      const hosts = Array.from({ length: Number(deployment.spec['replicas']) }, () => {
        last += 1;
        return `${net}.${last}`;
      });
      const port = PORTS[name] ?? HEALTH;
      const listens = port === HEALTH ? health : await freePort();
      const labels = podOf(deployment)?.metadata.labels ?? {};
      this.#services.set(name, { labels, hosts, port, listens });
    }
    const { hosts, listens } = this.#service('redis');
    this.#stack.use(await startRedis({ port: listens, flags: { bind: `127.0.0.1 ${hosts[0]}` } }));
    const roles = [...this.#services.keys()].filter((role) => role !== 'redis');
    await Promise.all(
      roles.flatMap((role) =>
        this.#service(role).hosts.map(async (host) => {
          const pod = await this.#startPod(role, host, health);
          const port = role === 'simulator' ? this.#service(role).listens : health;
          await until(() => isReady(`http://${host}:${port}/readyz`), {
            what: `${role} at ${host} is ready\n${pod.output()}`,
          });
        }),
      ),
    );
  }

  async #startPod(role: string, host: string, health: number): Promise<Pod> {
    const [node = '', ...words] = this.#tree.entrypoint;
    const manifest = this.#manifest(role);
    const child = spawn(node, [...words, ...(podOf(manifest)?.spec.containers[0]?.args ?? [])], {
      cwd: this.#tree.app,
      env: await this.#environment(role, host, health),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...this.#tree.user,
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    const exited = once(child, 'exit').then(([code]) => code as number | null);
    this.#stack.defer(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    const pod = { role, child, output: () => text, exited };
    this.pods.push(pod);
    return pod;
  }

  /** Of the image, then of the manifest, with addresses of this machine in place of those of a cluster. */
  async #environment(role: string, host: string, health: number): Promise<Record<string, string>> {
    const container = podOf(this.#manifest(role))?.spec.containers[0];
    const own = (container?.env ?? []).map(({ name, value }) => [name, value]);
    const given: Record<string, string> = { ...this.config, ...Object.fromEntries(own) };
    // What volumes give: there is no /run and no /home of its own here.
    delete given['REDIS_URL_FILE'];
    given['REDIS_URL'] = 'redis://redis:6379';
    const { SIMULATOR_DATA_DIR: _, ...image } = this.#tree.env;
    const env: Record<string, string> = { ...image };
    for (const [name, value] of Object.entries(given)) {
      // Graph calls it, not who tells Graph of it.
      const caller = name === 'NOTIFICATION_URL' ? 'simulator' : role;
      env[name] = value === '0.0.0.0' ? host : await this.#reachable(value, caller);
    }
    const variable = role.toUpperCase().replace('-', '_');
    env[`${variable}_HOST`] = host;
    env[`${variable}_PORT`] = String(this.#service(role).listens);
    env['HEALTH_PORT'] = String(health);
    return env;
  }

  /** The same URL, by the way that this caller has to the service. */
  async #reachable(url: string, caller: string): Promise<string> {
    const [place, name = ''] = NAMED.exec(url) ?? [];
    if (place === undefined || !this.#services.has(name)) return url;
    const service = this.#service(name);
    const edge = `${caller} > ${name}:${service.port}`;
    const who = { namespace: 'own', labels: { ...this.#service(caller).labels } };
    const way = this.#ways.get(edge) ?? this.network.way(who, edge, service);
    this.#ways.set(edge, way);
    return url.replace(place, await way);
  }

  #service(name: string): Service {
    const service = this.#services.get(name);
    if (!service) throw new Error(`there is no service ${name}`);
    return service;
  }

  #manifest(role: string): Manifest {
    const manifest = this.manifests.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === role,
    );
    if (!manifest) throw new Error(`nothing deploys ${role}`);
    return manifest;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.status === 200;
}
