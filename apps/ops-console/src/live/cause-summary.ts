import type { CauseView } from '@ms1/console-api';
import type { DeadLetterGroup, QueueDepth } from '@ms1/queue';
import type { Clock } from '@ms1/runtime';

import type { TriageStore } from '../dead-letters/triage-store.ts';

export interface CauseSummaryOptions {
  groups: () => Promise<DeadLetterGroup[]>;
  triage: Pick<TriageStore, 'readMany'>;
  clock: Clock;
}

export interface Causes {
  causes: CauseView[];
  causesTotal: number;
  /** letters of groups that are put off until later */
  snoozed: number;
  /** since when the oldest of all causes is dead, shown or not; null without any */
  oldestAt: string | null;
  asOf: string;
}

const SHOWN = 20;
/** A look reads every dead letter, so looking may take a twentieth of the time and no more. */
const DUTY = 20;
const EVERY_MS_MIN = 2_000;

/** Dead letters by cause, read again only when there are others than at the last look. */
export class CauseSummary {
  readonly #options: CauseSummaryOptions;
  #last: Omit<Causes, 'snoozed'> | undefined;
  #groups: readonly DeadLetterGroup[] = [];
  #seen = '';
  #nextAt = 0;
  #snoozed = { letters: 0, nextAt: 0 };

  constructor(options: CauseSummaryOptions) {
    this.#options = options;
  }

  async read(queues: readonly Pick<QueueDepth, 'failed' | 'lastFailedAt'>[]): Promise<Causes> {
    const { groups, clock } = this.#options;
    const seen = JSON.stringify(queues.map(({ failed, lastFailedAt }) => [failed, lastFailedAt]));
    const now = clock.now();
    if (!this.#last || (seen !== this.#seen && now >= this.#nextAt)) {
      this.#groups = queues.some(({ failed }) => failed > 0) ? await groups() : [];
      this.#nextAt = clock.now() + Math.max(EVERY_MS_MIN, DUTY * (clock.now() - now));
      this.#seen = seen;
      this.#last = {
        causes: this.#groups.slice(0, SHOWN).map(present),
        causesTotal: this.#groups.length,
        oldestAt: oldestOf(this.#groups),
        asOf: new Date(now).toISOString(),
      };
      this.#snoozed.nextAt = 0;
    }
    return { ...this.#last, snoozed: await this.#snoozedLetters(now) };
  }

  /** A snooze ends by the clock, and begins without a letter coming or going. */
  async #snoozedLetters(now: number): Promise<number> {
    if (now < this.#snoozed.nextAt) return this.#snoozed.letters;
    const triage = await this.#options.triage.readMany(
      this.#groups.map(({ fingerprint }) => fingerprint),
    );
    const letters = this.#groups.reduce(
      (sum, { count }, index) => sum + ((triage[index]?.snoozedUntil ?? 0) > now ? count : 0),
      0,
    );
    this.#snoozed = { letters, nextAt: now + EVERY_MS_MIN };
    return letters;
  }
}

function oldestOf(groups: readonly DeadLetterGroup[]): string | null {
  if (groups.length === 0) return null;
  const at = groups.reduce((least, { firstAt }) => Math.min(least, firstAt), Infinity);
  return new Date(at).toISOString();
}

function present({ firstAt, lastAt, sample, ...group }: DeadLetterGroup): CauseView {
  return {
    ...group,
    firstAt: new Date(firstAt).toISOString(),
    lastAt: new Date(lastAt).toISOString(),
    sample: sample.key,
  };
}
