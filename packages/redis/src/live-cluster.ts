import { Cluster, type ClusterNode, type ClusterOptions } from 'ioredis';

import { BLOCKING_SILENCE_MS } from './live-redis.ts';
import type { LoggedIn, TokenLogin } from './token-login.ts';

/** What of ioredis 5.11.1 is private and wanting: see {@link LiveCluster}. */
interface Internals {
  setStatus(status: string): void;
  flushQueue(error: Error): void;
}

/**
 * ioredis's Cluster, with what {@link LiveRedis} mends of one connection, and a `commandTimeout` that counts while no node
 * is reachable: ioredis counts it at a node, and a command would wait for ever.
 */
export class LiveCluster extends Cluster {
  /** see {@link LiveRedis} */
  waitReplicas: number | undefined;
  login: TokenLogin | undefined;
  readonly #logged: LoggedIn = {
    servers: () => this.nodes(),
    use: (username, password) => {
      for (const options of [
        this.options.redisOptions,
        ...this.nodes().map((one) => one.options),
      ]) {
        Object.assign(options ?? {}, { username, password });
      }
    },
  };
  readonly #nodes: ClusterNode[];

  constructor(nodes: ClusterNode[], options: ClusterOptions) {
    super(nodes, options);
    this.#nodes = nodes;
  }

  get #internals(): Internals {
    return this as unknown as Internals;
  }

  override duplicate(nodes: ClusterNode[] = [], override: ClusterOptions = {}): LiveCluster {
    const other = new LiveCluster(nodes.length > 0 ? nodes : this.#nodes, {
      ...this.options,
      ...override,
      redisOptions: {
        ...this.options.redisOptions,
        ...override.redisOptions,
        socketTimeout: BLOCKING_SILENCE_MS,
      },
    });
    other.logInBy(this.login);
    return other;
  }

  logInBy(login: TokenLogin | undefined): void {
    this.login = login;
    login?.add(this.#logged);
  }

  override sendCommand(...sent: Parameters<Cluster['sendCommand']>): unknown {
    const { commandTimeout } = this.options.redisOptions ?? {};
    if (commandTimeout !== undefined) sent[0].setTimeout(commandTimeout);
    return super.sendCommand(...sent);
  }

  override disconnect(reconnect = false): void {
    const isBetween = this.status === 'reconnecting';
    super.disconnect(reconnect);
    if (!isBetween || reconnect) return;
    this.#internals.setStatus('end');
    this.#internals.flushQueue(new Error('Connection is closed.'));
  }

  /** BullMQ ends its connections so, and waits for `end`. */
  override quit(): Promise<'OK'> {
    if (this.nodes().length > 0 && this.status !== 'reconnecting') return super.quit();
    this.disconnect();
    return Promise.resolve('OK');
  }
}
