/** What happens to a new notification of an endpoint now. */
export type Fate = 'send' | 'delay' | 'drop';

export interface EndpointHealthOptions {
  /** ms; 10 min at Graph: the window that is looked at, the delay, and how long a state lasts at least */
  readonly windowMs?: number | undefined;
  /** ms; an answer that takes longer makes an endpoint slow */
  readonly slowMs?: number | undefined;
  /** ms; an answer that takes longer has notifications dropped */
  readonly dropMs?: number | undefined;
}

type State = Fate;

const WINDOW_MS = 600_000;
const SLOW_MS = 3_000;
const DROP_MS = 10_000;
const SLOW_SHARE = 0.1;
const DROP_SHARE = 0.15;
/** Evaluated after 100 of them, said an older copy of the documents; the newest names no number. */
const ANSWERS_MIN = 100;
/** "a small sample" */
const SAMPLE = 10;

interface Answer {
  readonly at: number;
  /** ms; infinite when there was none */
  readonly tookMs: number;
}

/**
 * How Graph treats an endpoint that answers late (docs/graph-contract.md#answer-times): above 10 % of answers slower
 * than 3 s within 10 min new notifications are delayed by 10 min, above 15 % slower than 10 s they are dropped for 10
 * min and lost. Then small samples are tried until they fare better. What counts is the time of an answer, not what it
 * says.
 */
export class EndpointHealth {
  readonly #windowMs: number;
  readonly #slowMs: number;
  readonly #dropMs: number;
  #state: State = 'send';
  #since = 0;
  #sampled = 0;
  #answers: Answer[] = [];

  constructor(options: EndpointHealthOptions = {}) {
    this.#windowMs = options.windowMs ?? WINDOW_MS;
    this.#slowMs = options.slowMs ?? SLOW_MS;
    this.#dropMs = options.dropMs ?? DROP_MS;
  }

  get state(): State {
    return this.#state;
  }

  get windowMs(): number {
    return this.#windowMs;
  }

  fate(now: number): Fate {
    if (this.#state === 'send') return 'send';
    if (now - this.#since < this.#windowMs || this.#sampled >= SAMPLE) return this.#state;
    this.#sampled += 1;
    return 'send';
  }

  /** Puts the endpoint into a state as if it had earned it. */
  mark(state: 'delay' | 'drop', now: number): void {
    this.#enter(state, now);
  }

  answered(tookMs: number, now: number): void {
    this.#answers.push({ at: now, tookMs });
    const from = now - this.#windowMs;
    while ((this.#answers[0]?.at ?? now) < from) this.#answers.shift();
    if (this.#state === 'send') {
      if (this.#answers.length < ANSWERS_MIN) return;
      if (this.#share(this.#dropMs) > DROP_SHARE) this.#enter('drop', now);
      else if (this.#share(this.#slowMs) > SLOW_SHARE) this.#enter('delay', now);
      return;
    }
    if (this.#sampled === 0 || this.#answers.length < SAMPLE) return;
    const better =
      this.#state === 'drop'
        ? this.#share(this.#dropMs) < DROP_SHARE
        : this.#share(this.#slowMs) < SLOW_SHARE;
    this.#enter(better ? 'send' : this.#state, now);
  }

  #enter(state: State, now: number): void {
    this.#state = state;
    this.#since = now;
    this.#sampled = 0;
    this.#answers = [];
  }

  #share(aboveMs: number): number {
    const late = this.#answers.filter(({ tookMs }) => tookMs > aboveMs).length;
    return late / this.#answers.length;
  }
}
