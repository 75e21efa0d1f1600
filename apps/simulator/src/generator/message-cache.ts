import { generateMessage, type MessageSource } from './generate-message.ts';
import type { GeneratedMessage } from './generated-message.ts';

/**
 * Keeps the newest messages generated, because each is read two or three times within a minute (delta
 * page, `$batch`). Anything older is generated again: memory stays flat however many there are.
 */
export class MessageCache {
  readonly #messages = new Map<string, GeneratedMessage>();
  readonly #capacity: number;

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  read(source: MessageSource): GeneratedMessage {
    const key = `${source.seed}:${source.index}`;
    const known = this.#messages.get(key);
    if (known) return known;
    const message = generateMessage(source);
    this.#messages.set(key, message);
    if (this.#messages.size > this.#capacity) {
      const [oldest] = this.#messages.keys();
      if (oldest !== undefined) this.#messages.delete(oldest);
    }
    return message;
  }
}
