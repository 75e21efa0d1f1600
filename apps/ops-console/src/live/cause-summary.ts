import type { CauseView } from '@ms1/console-api';
import type { DeadLetterGroup, QueueDepth } from '@ms1/queue';
import type { Clock } from '@ms1/runtime';

export interface CauseSummaryOptions {
  groups: () => Promise<DeadLetterGroup[]>;
  clock: Clock;
}

export interface Causes {
  causes: CauseView[];
  causesTotal: number;
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
  #last: Causes | undefined;
  #seen = '';
  #nextAt = 0;

  constructor(options: CauseSummaryOptions) {
    this.#options = options;
  }

  async read(queues: readonly Pick<QueueDepth, 'failed' | 'lastFailedAt'>[]): Promise<Causes> {
    const { groups, clock } = this.#options;
    const seen = JSON.stringify(queues.map(({ failed, lastFailedAt }) => [failed, lastFailedAt]));
    const now = clock.now();
    if (this.#last && (seen === this.#seen || now < this.#nextAt)) return this.#last;
    const found = queues.some(({ failed }) => failed > 0) ? await groups() : [];
    this.#nextAt = clock.now() + Math.max(EVERY_MS_MIN, DUTY * (clock.now() - now));
    this.#seen = seen;
    this.#last = {
      causes: found.slice(0, SHOWN).map(present),
      causesTotal: found.length,
      oldestAt: oldestOf(found),
      asOf: new Date(now).toISOString(),
    };
    return this.#last;
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
