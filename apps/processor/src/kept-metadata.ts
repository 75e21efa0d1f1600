import type { MessageMetadata } from '@ms1/contracts';
import type { Clock } from '@ms1/runtime';

import type { MessageRef } from './mail-reader.ts';

const KEPT_MS = 60_000;
/** ms after which nobody is likely to ask: the message was found by delta, or its turn is far away. Makes way where room is short. */
const UNASKED_MS = 20_000;

interface Kept {
  readonly metadata: MessageMetadata;
  /** ms since the epoch */
  readonly until: number;
}

/**
 * Metadata that pages told of, for a minute: a message's never changes but for drafts. What was asked for is kept too, for
 * a retry, but makes way first.
 */
export class KeptMetadata {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #waiting = new Map<string, Kept>();
  readonly #taken = new Map<string, Kept>();

  /** @param max messages that nobody has asked for yet, and as many that somebody has */
  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  /** Whether so many more would drive out nothing that is still to be asked for. */
  hasRoomFor(messages: number): boolean {
    const old = this.#clock.now() + KEPT_MS - UNASKED_MS;
    for (const [oldest, { until }] of this.#waiting) {
      if (this.#waiting.size + messages <= this.#max || until > old) break;
      this.#waiting.delete(oldest);
    }
    return this.#waiting.size + messages <= this.#max;
  }

  keep(messages: readonly { id: string; metadata: MessageMetadata }[]): void {
    const now = this.#clock.now();
    const until = now + KEPT_MS;
    for (const { id, metadata } of messages) {
      const taken = this.#taken.get(id);
      if (taken && taken.until > now) continue;
      this.#taken.delete(id);
      this.#waiting.delete(id);
      this.#waiting.set(id, { metadata, until });
    }
    this.#trim(this.#waiting);
  }

  missing(refs: readonly MessageRef[]): MessageRef[] {
    return refs.filter(({ messageId }) => this.#find(messageId) === undefined);
  }

  take(id: string): MessageMetadata | undefined {
    const kept = this.#find(id);
    if (kept && this.#waiting.delete(id)) {
      this.#taken.set(id, kept);
      this.#trim(this.#taken);
    }
    return kept?.metadata;
  }

  #find(id: string): Kept | undefined {
    const kept = this.#waiting.get(id) ?? this.#taken.get(id);
    return kept && kept.until > this.#clock.now() ? kept : undefined;
  }

  /** A map keeps the order of insertion: the first is the oldest. */
  #trim(map: Map<string, Kept>): void {
    const now = this.#clock.now();
    for (const [oldest, { until }] of map) {
      if (map.size <= this.#max && until > now) return;
      map.delete(oldest);
    }
  }
}
