import type { MailMessage } from './mail-message.ts';

/**
 * A folder: what is in it, and the append-only log of what happened to it. A delta token is a
 * position in that log, so it stays valid as long as the log is rebuilt in the same order.
 */
export class MailFolder {
  readonly id: string;
  readonly name: string;
  readonly log: MailMessage[] = [];
  readonly #messages: MailMessage[] = [];
  /** the latest log position of the messages that have more than one */
  readonly #latest = new Map<MailMessage, number>();

  constructor(id: string, name: string) {
    this.id = id;
    this.name = name;
  }

  /** oldest first */
  get messages(): readonly MailMessage[] {
    return this.#messages;
  }

  /**
   * Puts a message in. One that was here before and was taken out is not logged again: Graph's delta
   * does not report a message that moved away and back (the known hole of docs/graph-contract.md#removed-items).
   */
  add(message: MailMessage): void {
    const at = this.#insertionPoint(message.receivedAt);
    this.#messages.splice(at, 0, message);
    const returning = this.#latest.has(message);
    if (!returning) this.log.push(message);
  }

  /** Logs a change of a message, or that it has left. */
  touch(message: MailMessage): void {
    this.#latest.set(message, this.log.length);
    this.log.push(message);
  }

  remove(message: MailMessage): void {
    const at = this.#messages.indexOf(message);
    if (at === -1) return;
    this.#messages.splice(at, 1);
    this.touch(message);
  }

  /** Whether a log position is the last that tells of its message: earlier ones are not reported. */
  isLatest(position: number): boolean {
    const message = this.log[position];
    if (!message) return false;
    const latest = this.#latest.get(message);
    return latest === undefined || latest === position;
  }

  #insertionPoint(receivedAt: number): number {
    let at = this.#messages.length;
    while (at > 0 && (this.#messages[at - 1]?.receivedAt ?? 0) > receivedAt) at -= 1;
    return at;
  }
}
