import type { Clock } from '@ms1/runtime';

import type { MailRef, PageMail } from './mail.ts';

const KEPT_MS = 60_000;
/** ms after which nobody is likely to ask: it was found by delta before, or its turn is far away. Makes way where room is short. */
const UNASKED_MS = 20_000;
/** A retry is rare, and then costs a page at most. */
const TAKEN_SHARE = 1 / 4;

interface Kept {
  readonly mail: PageMail;
  readonly bytes: number;
  /** ms since the epoch */
  readonly until: number;
}

/**
 * What pages told of messages, for a minute: a message's metadata and files never change but for drafts. What was taken is
 * kept too, for a retry, but much less of it.
 */
export class KeptMail {
  readonly bytesMax: number;
  readonly #clock: Clock;
  readonly #waiting = new Shelf();
  readonly #taken = new Shelf();

  /** @param bytesMax of JSON, of what nobody has asked for yet */
  constructor(clock: Clock, bytesMax: number) {
    this.#clock = clock;
    this.bytesMax = bytesMax;
  }

  /** Of so many bytes, those that drive out nothing that is still to be asked for. */
  roomFor(bytes: number): number {
    const old = this.#clock.now() + KEPT_MS - UNASKED_MS;
    const room = (): number => this.bytesMax - this.#waiting.bytes;
    this.#waiting.dropWhile(({ until }) => until <= old && room() < bytes);
    return Math.max(Math.min(room(), bytes), 0);
  }

  /** @param bytes of each of them */
  keep(messages: readonly { id: string; mail: PageMail }[], bytes: number): void {
    const now = this.#clock.now();
    const until = now + KEPT_MS;
    for (const { id, mail } of messages) {
      const taken = this.#taken.get(id);
      const tellsMore = mail.metadata !== null && taken?.mail.metadata === null;
      if (taken && taken.until > now && !tellsMore) continue;
      this.#taken.delete(id);
      const metadata = mail.metadata ?? this.#waiting.get(id)?.mail.metadata ?? null;
      this.#waiting.set(id, { mail: { ...mail, metadata }, bytes, until });
    }
    trim(this.#waiting, this.bytesMax, now);
  }

  has(ref: MailRef): boolean {
    return this.#find(ref) !== undefined;
  }

  take(ref: MailRef): PageMail | undefined {
    const kept = this.#find(ref);
    if (kept && this.#waiting.delete(ref.messageId)) {
      this.#taken.set(ref.messageId, kept);
      trim(this.#taken, this.bytesMax * TAKEN_SHARE, this.#clock.now());
    }
    return kept?.mail;
  }

  /** A page without metadata tells all of a message whose job carried it. */
  #find({ messageId, metadata }: MailRef): Kept | undefined {
    const kept = this.#waiting.get(messageId) ?? this.#taken.get(messageId);
    if (!kept || kept.until <= this.#clock.now()) return undefined;
    return (kept.mail.metadata ?? metadata) ? kept : undefined;
  }
}

/** In the order in which it came, with its bytes counted. */
class Shelf {
  readonly #kept = new Map<string, Kept>();
  bytes = 0;

  get(id: string): Kept | undefined {
    return this.#kept.get(id);
  }

  set(id: string, kept: Kept): void {
    this.delete(id);
    this.#kept.set(id, kept);
    this.bytes += kept.bytes;
  }

  delete(id: string): boolean {
    this.bytes -= this.#kept.get(id)?.bytes ?? 0;
    return this.#kept.delete(id);
  }

  /** Drops the oldest for as long as `may` says. */
  dropWhile(may: (oldest: Kept) => boolean): void {
    for (const [id, kept] of this.#kept) {
      if (!may(kept)) return;
      this.delete(id);
    }
  }
}

function trim(shelf: Shelf, bytesMax: number, now: number): void {
  shelf.dropWhile(({ until }) => until <= now || shelf.bytes > bytesMax);
}
