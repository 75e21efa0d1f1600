import { setTimeout as delay } from 'node:timers/promises';
import { TestEnvironment } from 'jest-environment-node';

import { openHandles } from './open-handles.ts';
import { OpenTimers } from './open-timers.ts';

/** What has been told to close may take this long on a busy machine. */
const PATIENCE_MS = Number(process.env['MS1_TEST_PATIENCE_MS'] ?? 15_000);
const POLL_MS = 20;

/**
 * Node's environment, and a promise: a test file that leaves a process, a listener, a socket or a timer open has
 * failed, and is told what it is. Else it runs on in everybody else's time.
 */
export default class ClosedEnvironment extends TestEnvironment {
  readonly #before = new Set(openHandles().map(({ handle }) => handle));
  readonly #timers = new OpenTimers();
  #failed = false;

  override async setup(): Promise<void> {
    await super.setup();
    this.#timers.watch(this.global);
  }

  handleTestEvent({ name, test }: { name: string; test?: { errors?: unknown[] } }): void {
    if (name === 'test_done' && test?.errors?.length) this.#failed = true;
  }

  override async teardown(): Promise<void> {
    // A test that failed is told for that; what it left is named, and ended, by tools/check.
    if (this.#failed) return super.teardown();
    const deadline = performance.now() + PATIENCE_MS;
    let left = this.#left();
    while (left.length > 0 && performance.now() < deadline) {
      await delay(POLL_MS);
      left = this.#left();
    }
    await super.teardown();
    if (left.length > 0) throw new Error(`left open: ${left.join(', ')}`);
  }

  #left(): string[] {
    return [
      ...openHandles()
        .filter(({ handle }) => !this.#before.has(handle))
        .map(({ what }) => what),
      ...this.#timers.open().map((code) => `a timer (${code})`),
    ];
  }
}
