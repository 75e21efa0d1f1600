import { setTimeout as delay } from 'node:timers/promises';

import type { Alert } from '../prometheus/start-prometheus.ts';

const LOOK_MS = 500;

/** How long an alert took, s from its cause. */
export interface Fired {
  readonly alert: string;
  /** its expression holds */
  readonly noticedS: number;
  /** and has held for as long as the rule asks */
  readonly firedS: number;
}

/** What fires in a Prometheus, and what should not. */
export class AlertWatch {
  readonly #alerts: () => Promise<readonly Alert[]>;
  /** names that may fire now, counted by who expects them */
  readonly #expected = new Map<string, number>();
  readonly #unexpected = new Set<string>();
  #firing = new Map<string, number>();

  constructor(alerts: () => Promise<readonly Alert[]>) {
    this.#alerts = alerts;
  }

  /** that fired and nobody expected, ever */
  get unexpected(): readonly string[] {
    return [...this.#unexpected];
  }

  /** Names that may fire until the answer is called and they have ended. */
  expect(names: readonly string[]): () => void {
    for (const name of names) this.#expected.set(name, (this.#expected.get(name) ?? 0) + 1);
    return () => {
      for (const name of names) this.#expected.set(name, (this.#expected.get(name) ?? 0) - 1);
    };
  }

  /** Looks again and again, until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const alerts = await this.#alerts();
      const before = this.#firing;
      const firing = new Map<string, number>();
      for (const { name, state, activeAt } of alerts) {
        if (state !== 'firing') continue;
        firing.set(name, Math.min(activeAt, firing.get(name) ?? Number.POSITIVE_INFINITY));
        // What has fired before may go on until it ends by itself.
        if (!before.has(name) && !this.#expected.get(name)) this.#unexpected.add(name);
      }
      this.#firing = firing;
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * Waits until each of these fires.
   *
   * @param since ms since the epoch: when their cause was made
   * @throws when one does not within `limitMs`; the message names it
   */
  async allFire(
    names: readonly string[],
    since: number,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<Fired[]> {
    const fired = new Map<string, Fired>();
    const isLate = (): boolean => Date.now() > since + limitMs;
    while (fired.size < names.length) {
      for (const alert of names) {
        const activeAt = this.#firing.get(alert);
        if (activeAt === undefined || fired.has(alert)) continue;
        const secondsTo = (at: number): number => Math.max(0, Math.round((at - since) / 1_000));
        fired.set(alert, {
          alert,
          noticedS: secondsTo(activeAt),
          firedS: secondsTo(Date.now()),
        });
      }
      if (fired.size < names.length && isLate()) {
        const missing = names.filter((name) => !fired.has(name)).join(', ');
        throw new Error(`not within ${limitMs / 1_000} s: ${missing}`);
      }
      await delay(LOOK_MS, undefined, { signal });
    }
    return names.flatMap((name) => fired.get(name) ?? []);
  }

  /** Waits until none of these fires, or for so long; answers with those that still do. */
  async allEnd(
    names: readonly string[],
    limitMs: number,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const deadline = Date.now() + limitMs;
    const left = (): string[] => names.filter((name) => this.#firing.has(name));
    while (left().length > 0 && Date.now() < deadline) await delay(LOOK_MS, undefined, { signal });
    return left();
  }
}
