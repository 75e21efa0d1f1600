import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

import { FleetError } from './fleet-error.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

/**
 * Below the range from which systems take the local ports of outgoing connections (32768 and up on
 * Linux, 49152 and up elsewhere), so that a remembered port is still free at the next start.
 */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const ATTEMPTS_MAX = 200;

/** The ports of one data folder: free ones, remembered, and taken again while they are still free. */
export class Ports {
  readonly #path: string;
  readonly #remembered: Record<string, unknown>;
  readonly #taken = new Set<number>();

  constructor(path: string) {
    this.#path = path;
    this.#remembered = readJsonFile(path);
  }

  /** The port of `name`. It was free a moment ago. */
  async take(name: string): Promise<number> {
    const before = this.#remembered[name];
    if (typeof before === 'number' && (await this.#isFree(before))) return this.#keep(name, before);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const port = randomInt(PORT_MIN, PORT_MAX);
      if (await this.#isFree(port)) return this.#keep(name, port);
    }
    throw new FleetError(`no free port between ${PORT_MIN} and ${PORT_MAX} on 127.0.0.1`);
  }

  /**
   * The port of something whose address others have written down (a delta link holds the simulator's).
   *
   * @throws {FleetError} when it was given a port before and somebody else has that now
   */
  async takeAgain(name: string): Promise<number> {
    const before = this.#remembered[name];
    if (typeof before !== 'number') return this.take(name);
    if (await this.#isFree(before)) return this.#keep(name, before);
    throw new FleetError(
      `port ${before}, which the ${name} of this data folder has had since its first run, is in use: stop what listens there, or begin anew with --fresh`,
    );
  }

  async #isFree(port: number): Promise<boolean> {
    return !this.#taken.has(port) && (await canListen('127.0.0.1', port));
  }

  #keep(name: string, port: number): number {
    this.#taken.add(port);
    this.#remembered[name] = port;
    writeJsonFile(this.#path, this.#remembered);
    return port;
  }
}

/** Whether a server can listen there now. */
export function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
