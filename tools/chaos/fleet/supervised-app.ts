import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mainOf, type SpawnedApp, spawnApp } from '@ms1/testkit';

import { ChaosError } from '../chaos-error.ts';
import type { ChaosProcess, Role } from '../chaos-fleet.ts';
import { isReady } from '../watch/process-watch.ts';

/** ms; ten processes start at once, and the machine may have others to run */
const READY_MS = 180_000;
const READY_POLL_MS = 250;
/** ms; as a container engine waits before it starts again what ended */
const RESTART_MS = 1_000;

export interface AppSpec {
  readonly role: Role;
  readonly name: string;
  readonly healthPort: number;
  readonly env: Readonly<Record<string, string>>;
}

/** A process of the fleet that comes back whatever ends it, until it is disposed. */
export class SupervisedApp implements ChaosProcess, AsyncDisposable {
  readonly role: Role;
  readonly name: string;
  readonly health: string;
  readonly #env: Record<string, string>;
  readonly #disposed = new AbortController();
  #entry: string;
  #app: SpawnedApp;
  /** what those before the present one wrote */
  #written = '';
  #restarts = 0;
  #supervised: Promise<void>;

  constructor({ role, name, healthPort, env }: AppSpec) {
    this.role = role;
    this.name = name;
    this.health = `http://127.0.0.1:${healthPort}`;
    this.#env = { ...env, HEALTH_PORT: String(healthPort) };
    this.#entry = mainOf(role);
    this.#app = this.#spawn();
    this.#supervised = this.#supervise();
  }

  get pid(): number {
    return this.#app.child.pid ?? -1;
  }

  get restarts(): number {
    return this.#restarts;
  }

  output(): string {
    return this.#written + this.#app.output();
  }

  signal(signal: NodeJS.Signals): void {
    this.#app.child.kill(signal);
  }

  /** Waits for the end of the one that runs now. */
  ended(): Promise<number | NodeJS.Signals> {
    return this.#app.exited;
  }

  restart(): Promise<number | NodeJS.Signals> {
    return this.#app.stop('SIGTERM');
  }

  environment(changes: Readonly<Record<string, string | null>>): void {
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) delete this.#env[name];
      else this.#env[name] = value;
    }
  }

  release(root: string | null): void {
    this.#entry = root === null ? mainOf(this.role) : join(root, 'apps', this.role, 'src/main.ts');
  }

  /** @throws {ChaosError} when it ends before it is ready, or does not get there */
  async ready(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + READY_MS;
    while (!(await isReady(this.health))) {
      const ended = this.#restarts > 0;
      if (ended || performance.now() > deadline) {
        const what = ended ? 'ended' : `was not ready after ${READY_MS / 1_000} s`;
        const [last = 'nothing'] = this.output().trim().split('\n').slice(-1);
        throw new ChaosError(
          `${this.name} ${what}, its last words: ${last.slice(0, 500)}; see whether "npm start" works`,
        );
      }
      await delay(READY_POLL_MS, undefined, { signal });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    await this.#app[Symbol.asyncDispose]();
    await this.#supervised;
  }

  #spawn(): SpawnedApp {
    return spawnApp({ entry: this.#entry, env: this.#env });
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#disposed;
    for (;;) {
      await this.#app.exited;
      await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.#written += this.#app.output();
      this.#app = this.#spawn();
      this.#restarts += 1;
    }
  }
}
