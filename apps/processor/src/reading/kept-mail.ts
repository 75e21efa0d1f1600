import type { Clock } from '@ms1/runtime';
import { LRUCache } from 'lru-cache';

import type { MailRef, PageMail } from './mail.ts';

/** ms after which what nobody asks for is forgotten, and what was taken */
const KEPT_MS = 60_000;
/** ms after which nobody is likely to come for the rest of a walk. It makes way where room is short. */
const UNASKED_MS = 20_000;
/** Messages that one may be ahead of those before it: eight batches are in hand together, each with about ten of a busy place. */
const AHEAD = 75;
/** A retry is rare, and then costs a page at most. */
const TAKEN_SHARE = 1 / 4;
/** Messages remembered to have had their turn: what 100 busy mailboxes had of the last page and a half; 8 MB of ids. */
const HAD_MAX = 30_000;

/**
 * Pages of one place in their order. Messages come in that order too, so that how far they are tells what was passed over:
 * it was found before, or belongs to nobody. No time would tell, because a busy machine takes ten times as long.
 */
export interface PageWalk {
  /** messages that its pages told and nobody had, and the numbers of the last that was asked for, and taken */
  told: number;
  asked: number;
  taken: number;
  /** the last second that its pages came to, and what they told of it: the next one may begin there, and tell it again */
  end: { second: number; ids: Set<string> };
  /** ms since the epoch: when a page came, or somebody for a message */
  at: number;
}

interface Kept {
  readonly mail: PageMail;
  readonly bytes: number;
  readonly walk: PageWalk;
  /** which of its walk it is */
  readonly number: number;
  /** ms since the epoch */
  readonly takenAt?: number;
}

/**
 * What pages told of messages, for as long as messages of their walk are asked for: a message's metadata and files never
 * change but for drafts. What was taken is kept for a minute, for a retry, but much less of it.
 */
export class KeptMail {
  readonly bytesMax: number;
  readonly #clock: Clock;
  readonly #waiting = new Shelf();
  readonly #taken = new Shelf();
  /** ids of messages that had their turn, however they were read: on a page nobody waits for them any more */
  readonly #had = new LRUCache<string, true>({ max: HAD_MAX });

  /** @param bytesMax of JSON, of what nobody has asked for yet */
  constructor(clock: Clock, bytesMax: number) {
    this.#clock = clock;
    this.bytesMax = bytesMax;
  }

  begin(): PageWalk {
    const end = { second: 0, ids: new Set<string>() };
    return { told: 0, asked: 0, taken: 0, end, at: this.#clock.now() };
  }

  /** Of so many bytes, those that drive out nothing that is still to be asked for. */
  roomFor(bytes: number): number {
    const before = this.#clock.now() - UNASKED_MS;
    const room = (): number => this.bytesMax - this.#waiting.bytes;
    if (room() < bytes) {
      this.#waiting.drop(
        ({ walk, number }) => number < walk.taken - AHEAD || walk.at <= before,
        () => room() >= bytes,
      );
    }
    return Math.max(Math.min(room(), bytes), 0);
  }

  /**
   * @param bytes of each of them
   * @returns how many may still be asked for
   */
  keep(
    messages: readonly { id: string; mail: PageMail }[],
    bytes: number,
    walk: PageWalk = this.begin(),
  ): number {
    const now = this.#clock.now();
    const before = walk.told;
    walk.at = now;
    for (const { id, mail } of messages) {
      if (this.#had.has(id)) continue;
      walk.told += 1;
      this.#taken.delete(id);
      const known = this.#waiting.get(id)?.mail;
      const metadata = mail.metadata ?? known?.metadata ?? null;
      const facts = mail.facts ?? known?.facts ?? null;
      this.#waiting.set(id, { mail: { ...mail, metadata, facts }, bytes, walk, number: walk.told });
    }
    trim(this.#waiting, this.bytesMax, now);
    // What is taken leaves the other shelf, so both together grow by pages alone.
    trim(this.#taken, this.bytesMax * TAKEN_SHARE, now);
    return walk.told - before;
  }

  /** Whether it is kept, for somebody who will take it. What is not is wanted once more, whether it had its turn or not. */
  reserve(ref: MailRef): boolean {
    const kept = this.#find(ref);
    if (kept) kept.walk.asked = Math.max(kept.walk.asked, kept.number);
    else this.#had.delete(ref.messageId);
    return kept !== undefined;
  }

  /** It had its turn: what pages tell of it from now on is for nobody. */
  had({ messageId }: MailRef): void {
    this.#had.set(messageId, true);
  }

  /** Nobody is expected to ask for what a walk has told by now. */
  passOver(walk: PageWalk): void {
    walk.asked = walk.told;
    walk.taken = walk.told;
  }

  take(ref: MailRef): PageMail | undefined {
    const kept = this.#find(ref);
    if (kept && this.#waiting.delete(ref.messageId)) {
      const now = this.#clock.now();
      const { walk, number } = kept;
      walk.at = now;
      walk.taken = Math.max(walk.taken, number);
      this.#taken.set(ref.messageId, { ...kept, takenAt: now });
    }
    return kept?.mail;
  }

  /** A page without metadata tells all of a message whose job carried it. */
  #find({ messageId, metadata, headers }: MailRef): Kept | undefined {
    const kept = this.#waiting.get(messageId) ?? this.#taken.get(messageId);
    if (!kept || isOver(kept, this.#clock.now())) return undefined;
    if (headers && !kept.mail.facts) return undefined;
    return (kept.mail.metadata ?? metadata) ? kept : undefined;
  }
}

function isOver({ walk, takenAt = walk.at }: Kept, now: number): boolean {
  return takenAt + KEPT_MS <= now;
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

  /** Drops what `may` be dropped, the oldest first, until it is `enough`. */
  drop(may: (one: Kept) => boolean, enough: () => boolean): void {
    for (const [id, kept] of this.#kept) {
      if (enough()) return;
      if (may(kept)) this.delete(id);
    }
  }

  /** Drops the oldest for as long as `may` says. */
  dropWhile(may: (oldest: Kept) => boolean): void {
    for (const [id, kept] of this.#kept) {
      if (!may(kept)) return;
      this.delete(id);
    }
  }
}

/** A map is walked past all that was deleted from its front, thousands of places: not for each message. */
function trim(shelf: Shelf, bytesMax: number, now: number): void {
  shelf.dropWhile((kept) => isOver(kept, now) || shelf.bytes > bytesMax);
}
