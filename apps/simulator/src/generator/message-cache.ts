import { LRUCache } from 'lru-cache';

import { generateMessage, type MessageSource } from './generate-message.ts';
import type { GeneratedMessage } from './generated-message.ts';

/**
 * Keeps the newest messages generated, because each is read two or three times within minutes (delta page, page with
 * files). One is 40 us of CPU and 3 KB: 100,000 that wait are 300 MB. Anything older is generated again.
 */
export class MessageCache {
  readonly #messages = new LRUCache<string, GeneratedMessage, MessageSource>({
    max: 100_000,
    memoMethod: (_key, _stale, { context }) => generateMessage(context),
  });

  read(source: MessageSource): GeneratedMessage {
    return this.#messages.memo(`${source.seed}:${source.index}`, { context: source });
  }
}
