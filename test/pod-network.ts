import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import type { Manifest } from './manifests.ts';
import { type Caller, mayReach } from './who-may-reach.ts';

/** A service, and where its pods listen. */
export interface Service {
  /** of its pods */
  readonly labels: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  /** the port that the manifests say, and the one that is free on this machine */
  readonly port: number;
  readonly listens: number;
}

/**
 * The network of a cluster on loopback. Each caller finds each service at an address that only it has, where this lets
 * through what the NetworkPolicies allow that caller, cuts off the rest, and keeps account of both.
 */
export class PodNetwork implements AsyncDisposable {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  /** edges as `caller > service:port` */
  readonly passed = new Set<string>();
  readonly refused = new Set<string>();
  #manifests: readonly Manifest[];

  constructor(manifests: readonly Manifest[]) {
    this.#manifests = manifests;
  }

  /** Other policies from now on: who is connected is cut off, and has to come again. */
  obey(manifests: readonly Manifest[]): void {
    this.#manifests = manifests;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** `host:port` at which a caller finds a service. */
  async way(caller: Caller, edge: string, service: Service): Promise<string> {
    const { labels: pod, hosts, port, listens } = service;
    let turn = 0;
    const server = createServer((socket) => {
      if (!mayReach(this.#manifests, { caller, pod, port })) {
        this.refused.add(edge);
        socket.destroy();
        return;
      }
      this.passed.add(edge);
      this.#join(socket, connect(listens, hosts[turn % hosts.length]));
      turn += 1;
    });
    this.#servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  #join(one: Socket, two: Socket): void {
    for (const [from, to] of [
      [one, two],
      [two, one],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => undefined);
      from.once('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#servers.map((server) => once(server.close(), 'close'));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }
}
