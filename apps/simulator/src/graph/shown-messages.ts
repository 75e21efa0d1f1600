import { LRUCache } from 'lru-cache';

import type { MailMessage } from '../mail/mail-message.ts';

interface Shown {
  /** of the message, when it was shown so */
  readonly version: number;
  /** by way of showing it */
  readonly ways: Map<string, Buffer>;
}

/**
 * The JSON of the newest messages that were shown, made once for each version of a message and each way to show it: the
 * pages of a burst hold the same messages many times over. 10,000 messages in two ways are 30 MB; anything older is made again.
 */
export class ShownMessages {
  readonly #shown: LRUCache<MailMessage, Shown>;

  constructor(max = 10_000) {
    this.#shown = new LRUCache({ max });
  }

  /** @param way all that decides what is shown besides the message */
  read(message: MailMessage, way: string, show: () => object): Buffer {
    const ways = this.#waysOf(message);
    const known = ways.get(way);
    if (known) return known;
    const json = Buffer.from(JSON.stringify(show()));
    ways.set(way, json);
    return json;
  }

  #waysOf(message: MailMessage): Map<string, Buffer> {
    const { version } = message;
    const known = this.#shown.get(message);
    if (known?.version === version) return known.ways;
    const ways = new Map<string, Buffer>();
    this.#shown.set(message, { version, ways });
    return ways;
  }
}
