import type { BatchBudget } from './batch-budget.ts';
import type { FetchPlan, FetchResult } from './batch-driver.ts';
import type { BatchSettings } from './batch-options.ts';

/** What the loop needs of its worker. */
export interface LoopHost {
  readonly settings: BatchSettings;
  readonly budget: BatchBudget;
  readonly drainDelayMs: number;
  /** ms after a fetch that failed */
  readonly retryDelayMs: number;
  readonly workerId: string;
  stopped(): boolean;
  fetch(plan: FetchPlan): Promise<FetchResult>;
  /** at most this long is waited for a rate limit at a time, so that delayed jobs are still promoted */
  limitDelay(ms: number): number;
  /** ms that settling a batch may take: as long as its locks, after which it is in vain */
  readonly settleMs: number;
  /**
   * Runs a fetched batch and settles it; `next` says what may be fetched along, `processed` hears that only Redis is waited
   * for. Never rejects.
   */
  runBatch(
    plan: FetchPlan,
    fetched: FetchResult,
    next: () => FetchPlan | null,
    processed: () => void,
  ): Promise<FetchResult | null>;
  /** whether one of these jobs is on its last chance and must have the process to itself */
  needsProcess(fetched: FetchResult): boolean;
  /** what the queue's marker says: 0 = a job is there, else epoch ms at which the next one is due; null = no marker */
  waitForJob(ms: number): Promise<number | null>;
  onDrained(): void;
  onError(error: Error): void;
}

/**
 * ms between two looks at a queue that waits for minSize: every add wakes a worker, and looking after each would cost a
 * script run a job.
 */
const GATE_PAUSE_MS = 25;

/**
 * ms between two looks for jobs that go first, while all other places are taken. The queue's marker is left to workers that
 * would take any job.
 */
const FIRST_PAUSE_MS = 100;

/** Keeps up to `concurrency` batches in flight: fetches, hands over, and sleeps when there is nothing to do. */
export class BatchLoop {
  readonly #host: LoopHost;
  readonly #running = new Map<number, Promise<void>>();
  readonly #sleepers = new Set<() => void>();
  #isWaiting = false;
  #marked = false;
  #limitUntil = 0;
  /** epoch ms of a delayed job that only we know of, 0 = none */
  #dueAt = 0;
  #drained = false;
  #fetches = 0;
  /** ms of a clock that never jumps: by when the loop comes round again */
  #roundBy = Number.POSITIVE_INFINITY;
  /** by slot: by when its batch is processed, or settled */
  readonly #overBy = new Map<number, number>();
  /** what a settlement fetched along without finding a job: as good as a fetch of our own */
  #handed: FetchResult | null = null;

  constructor(host: LoopHost) {
    this.#host = host;
  }

  get inFlight(): number {
    return this.#running.size;
  }

  /** ms that the loop, or a batch, is late; 0 where it is on time, or has nothing to be late for */
  overdueMs(): number {
    const by = Math.min(this.#roundBy, ...this.#overBy.values());
    return Math.max(0, performance.now() - by);
  }

  wake(): void {
    for (const wake of this.#sleepers) wake();
  }

  limit(ms: number): void {
    this.#limitUntil = Math.max(this.#limitUntil, Date.now() + ms);
  }

  /** Until the host is stopped. Batches in flight are not waited for. */
  async run(): Promise<void> {
    const host = this.#host;
    const { budget } = host;
    budget.exclude(this, false);
    this.#handed = null;
    while (!host.stopped()) {
      const limitMs = this.#limitUntil - Date.now();
      if (limitMs > 0) {
        await this.#sleep(host.limitDelay(limitMs), true);
        if (host.limitDelay(limitMs) < limitMs) this.#limitUntil = 0;
        continue;
      }
      const place = budget.take(this);
      if (place === null) {
        await this.#sleep(Infinity);
        continue;
      }
      const plan = this.#plan(this.#freeSlot(place), place === 'first');
      const fetched = (plan.first ? null : this.#takeHanded()) ?? (await this.#fetch(plan));
      if (fetched !== null && fetched.jobs.length > 0) {
        this.#start(plan, fetched);
        continue;
      }
      budget.give(place);
      if (fetched === null) await this.#sleep(host.retryDelayMs, true);
      else if (plan.first) await this.#sleep(FIRST_PAUSE_MS);
      else await this.#rest(fetched);
    }
    budget.leave(this);
    budget.exclude(this, false);
    this.#roundBy = Number.POSITIVE_INFINITY;
  }

  /** Resolves when no batch is in flight, or when `until` does. */
  async drained(until: Promise<void>): Promise<void> {
    await Promise.race([until, Promise.all(this.#running.values())]);
  }

  /** For a place of the budget that is had. */
  #plan(slot: number, first: boolean): FetchPlan {
    this.#fetches += 1;
    const token = `${this.#host.workerId}:${this.#fetches}`;
    return { token, slot, alone: this.#host.budget.isAlone, first };
  }

  #freeSlot(place: 'any' | 'first'): number {
    if (place === 'first') return this.#host.budget.concurrency - 1;
    for (let slot = 0; ; slot += 1) if (!this.#running.has(slot)) return slot;
  }

  #takeHanded(): FetchResult | null {
    // A marker seen since then says that the answer is out of date.
    const handed = this.#marked ? null : this.#handed;
    this.#handed = null;
    this.#marked = false;
    return handed;
  }

  async #fetch(plan: FetchPlan): Promise<FetchResult | null> {
    this.#roundBy = performance.now();
    try {
      return await this.#host.fetch(plan);
    } catch (error) {
      if (!this.#host.stopped()) this.#host.onError(error as Error);
      return null;
    }
  }

  /** A chain of batches in one slot: each settlement fetches the next. */
  #start(first: FetchPlan, fetched: FetchResult): void {
    const { settings, budget, settleMs } = this.#host;
    // The runner gives a batch up at its deadline; without one only its settlement can be late.
    const deadline = settings.deadline < 0 ? Number.POSITIVE_INFINITY : settings.deadline;
    const overIn = (ms: number): void => {
      this.#overBy.set(first.slot, performance.now() + ms);
    };
    const chain = async (): Promise<void> => {
      let plan = first;
      let current: FetchResult | null = fetched;
      while (current !== null && current.jobs.length > 0) {
        this.#drained = false;
        budget.exclude(this, this.#host.needsProcess(current));
        if (current.limitMs > 0) this.limit(current.limitMs);
        let following: FetchPlan | null = null;
        overIn(deadline);
        const next = (): FetchPlan | null => {
          following = this.#mayFetchAlong() ? this.#plan(first.slot, first.first) : null;
          return following;
        };
        current = await this.#host.runBatch(plan, current, next, () => overIn(settleMs));
        plan = tokenOf(following ?? plan, current);
      }
      if (!first.first) this.#handed = current;
    };
    const run = chain().finally(() => {
      this.#running.delete(first.slot);
      this.#overBy.delete(first.slot);
      budget.give(first.first ? 'first' : 'any');
      this.wake();
    });
    this.#running.set(first.slot, run);
  }

  #mayFetchAlong(): boolean {
    if (this.#host.stopped() || this.#limitUntil > Date.now()) return false;
    return this.#host.budget.mayKeep(this);
  }

  async #rest({ limitMs, wakeMs, held, blocked }: FetchResult): Promise<void> {
    if (blocked) {
      // Taken once nothing else is in flight.
      this.#host.budget.exclude(this, true);
      return;
    }
    if (limitMs > 0) {
      this.limit(limitMs);
      return;
    }
    this.#host.budget.exclude(this, false);
    if (!held && !this.#drained) {
      this.#drained = true;
      this.#host.onDrained();
    }
    const restMs = this.#restMs(wakeMs);
    if (held) await this.#sleep(Math.min(GATE_PAUSE_MS, restMs), true);
    if (this.#marked) return;
    void this.#awaitMarker(restMs);
    await this.#sleep(restMs);
  }

  #restMs(wakeMs: number | null): number {
    const now = Date.now();
    const dueMs = this.#dueAt > now ? this.#dueAt - now : Infinity;
    return Math.max(Math.min(wakeMs ?? this.#host.drainDelayMs, dueMs), 1);
  }

  /** One blocking read at a time; it outlasts the rest that asked for it if that ends early. */
  async #awaitMarker(ms: number): Promise<void> {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const dueAt = await this.#host.waitForJob(ms);
    this.#isWaiting = false;
    if (dueAt !== null) {
      this.#marked = true;
      // Whoever sees the marker of a delayed job takes it off: nobody else will be woken for it.
      if (dueAt > Date.now()) this.#dueAt = dueAt;
    }
    this.wake();
  }

  /** @param deaf only the time or a stop ends it */
  async #sleep(ms: number, deaf = false): Promise<void> {
    if (this.#host.stopped()) return;
    // Whoever has the next place must come for it.
    if (deaf) this.#host.budget.leave(this);
    this.#roundBy = performance.now() + ms;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = ms === Infinity ? undefined : setTimeout(resolve, ms);
    const wake = (): void => {
      if (!deaf || this.#host.stopped()) resolve();
    };
    this.#sleepers.add(wake);
    await promise;
    clearTimeout(timer);
    this.#sleepers.delete(wake);
  }
}

/** A driver that fetches along may have locked the jobs under another token than it was told. */
function tokenOf(plan: FetchPlan, fetched: FetchResult | null): FetchPlan {
  return fetched?.token === undefined ? plan : { ...plan, token: fetched.token };
}
