import { Keeper, type Redis } from '@ms1/redis';

import { FirstSeen } from './first-seen.ts';
import type { LookupOptions } from './lookup-config.ts';

/** A message that is about to be prepared. */
export interface SentMessage {
  key: string;
  /** of From; null: nobody says who sent it */
  address: string | null;
}

/**
 * Remembers who has written before, for 35 days after their last mail: of whom there is nothing, this mail is the first.
 * Kept under a keyed hash, 50 bytes a sender. One command for up to 500 messages; the first mail stays the first however
 * often it is told of.
 */
export class KnownSenders extends Keeper {
  readonly #seen: FirstSeen;

  constructor(redis: Redis, options: LookupOptions) {
    super(redis, options);
    this.#seen = new FirstSeen(redis, { ...options, kind: 'senders', renews: true });
  }

  /** Whether each is the first mail of its sender, in their order. */
  async areFirst(messages: readonly SentMessage[]): Promise<boolean[]> {
    const sent = messages.filter(({ address }) => address?.trim());
    const answers = await this.#seen.firstOf(
      sent.map(({ key, address }) => ({ text: textOf(address ?? ''), key, more: Buffer.alloc(0) })),
    );
    const first = new Set(sent.filter((_, index) => answers[index] === null));
    return messages.map((message) => first.has(message));
  }

  /** Forgets somebody: the next mail is a first one. With `dryRun` it only looks. Answers 1 where there is something. */
  async forget(address: string, options: { dryRun?: boolean } = {}): Promise<number> {
    return this.#seen.forget(textOf(address), options);
  }
}

const textOf = (address: string): string => `sender ${address.trim().toLowerCase()}`;
