import { ExpiringMap } from './expiring-map.ts';

/**
 * Why a mailbox's files are asked for message by message: the answer carried what they contain (`bytes`), Graph refused
 * the expansion (`refused`), or it left them out (`missing`).
 */
export type ExpandRefusalReason = 'bytes' | 'refused' | 'missing';

export interface ExpandRefusal {
  mailboxId: string;
  reason: ExpandRefusalReason;
  /** for how long */
  ms: number;
}

/** ms until a mailbox is tried again: a hundredth of the requests that the other way costs it */
const REFUSED_MS = 3_600_000;
const MAILBOXES_MAX = 10_000;

/** Mailboxes whose messages are not expanded for a while. That costs requests and no mail. */
export class ExpandRefusals {
  readonly #refused: ExpiringMap<ExpandRefusalReason>;
  readonly #onRefusal: (refusal: ExpandRefusal) => void;

  /** @param onRefusal told once for each time that a mailbox goes back */
  constructor(now: () => number, onRefusal: (refusal: ExpandRefusal) => void = () => undefined) {
    this.#refused = new ExpiringMap(now, MAILBOXES_MAX);
    this.#onRefusal = onRefusal;
  }

  has(mailboxId: string): boolean {
    return this.#refused.get(mailboxId) !== undefined;
  }

  add({ mailboxId, reason }: Omit<ExpandRefusal, 'ms'>): void {
    if (this.has(mailboxId)) return;
    this.#refused.set(mailboxId, reason, REFUSED_MS);
    this.#onRefusal({ mailboxId, reason, ms: REFUSED_MS });
  }
}
