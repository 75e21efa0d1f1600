import { LRUCache } from 'lru-cache';

import { generateMessage, type MessageSource } from './generate-message.ts';
import type { GeneratedMessage } from './generated-message.ts';

/**
 * Keeps the newest messages generated, because each is read two or three times within a minute (delta
 * page, `$batch`). Anything older is generated again: memory stays flat however many there are.
 */
export class MessageCache {
  readonly #messages = new LRUCache<string, GeneratedMessage, MessageSource>({
    max: 10_000,
    memoMethod: (_key, _stale, { context }) => generateMessage(context),
  });

  read(source: MessageSource): GeneratedMessage {
    return this.#messages.memo(`${source.seed}:${source.index}`, { context: source });
  }
}
