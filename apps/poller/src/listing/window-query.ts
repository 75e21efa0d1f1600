import { type FolderPage, isPlausible, type PageMessage, timeOf } from '@ms1/graph-client';
import type { Clock } from '@ms1/runtime';

/** What the query before hands on. */
interface Handed {
  /** ids that it listed and this one lists again */
  listed: ReadonlySet<string>;
  /** of those at `reached` */
  atReached: number;
  /** messages behind the first one at `reached` that could not even be named */
  unnamed: number;
  /** ids of messages dated ahead of now, which every query lists again */
  ahead: Set<string>;
}

/**
 * One query of a listing, page by page: what is new on each, and whether its end is one. It remembers the ids of its own
 * messages and of the moment where the query before had ended, however many came before them.
 */
export class WindowQuery {
  /** RFC 3339: where it begins; null: at the beginning */
  readonly from: string | null;
  /** the next page; null before the first and after the last, and where it is asked for by `skip` */
  link: string | null = null;
  /** messages that no query before had listed */
  added = 0;
  /** RFC 3339: everything received before it is listed; null where Graph told no times that can be believed */
  reached: string | null;
  readonly #clock: Clock;
  readonly #before: Handed | null;
  readonly #listed = new Set<string>();
  readonly #ahead: Set<string>;
  #idsAtReached: Set<string>;
  #atReached: number;
  /** since the last one with a date: the next one may be of the same moment */
  #undated = new Set<string>();
  #count: number | null = null;
  /** messages on its pages, and those that are on none */
  #taken = 0;
  /** links are followed until one fails; then each page is asked for by how many come before it */
  #skips = false;
  #unnamed = 0;
  #unnamedAtReached = 0;

  /** @param before null: there was no query before */
  constructor(from: string | null, clock: Clock, before: Handed | null = null) {
    this.from = from;
    this.reached = from;
    this.#clock = clock;
    this.#before = before;
    this.#idsAtReached = new Set(before?.listed);
    this.#atReached = before?.atReached ?? 0;
    this.#ahead = before?.ahead ?? new Set();
  }

  /** Takes a page. @returns its messages that are new */
  take(page: FolderPage): PageMessage[] {
    this.#count ??= page.count ?? null;
    this.link = this.#skips ? null : page.nextLink;
    this.#taken += page.messages.length;
    const fresh: PageMessage[] = [];
    for (const one of page.messages) {
      // Mail that arrives while a folder is listed shifts its pages: a message may come twice.
      if (this.#listed.has(one.id)) continue;
      this.#listed.add(one.id);
      if (this.#before?.listed.has(one.id) || this.#ahead.has(one.id)) continue;
      fresh.push(one);
      this.#goOn(one);
    }
    this.added += fresh.length;
    return fresh;
  }

  /** Takes the next message, which is on no page. @param named undefined: not even its id is known */
  takeUnlisted(named: PageMessage | undefined): { fresh: PageMessage[]; isNew: boolean } {
    if (named) {
      const page = { messages: [named], removed: [], nextLink: null, deltaLink: null };
      const fresh = this.take(page);
      return { fresh, isNew: fresh.length > 0 };
    }
    this.#taken += 1;
    this.#unnamed += 1;
    this.#unnamedAtReached += 1;
    const known = this.hasMoved ? 0 : (this.#before?.unnamed ?? 0);
    return { fresh: [], isNew: this.#unnamedAtReached > known };
  }

  /** From here on pages are asked for by how many come before them: no link leads past a message that is on no page. */
  skipOn(): void {
    this.#skips = true;
    this.link = null;
  }

  #goOn({ id, message }: PageMessage): void {
    const at = message?.receivedDateTime ?? null;
    const time = timeOf(at);
    if (at === null || time === null) {
      this.#undated.add(id);
      this.#idsAtReached.add(id);
      return;
    }
    // Dated ahead of now: who goes on from there would pass what is still to come.
    if (!isPlausible(time, this.#clock.now())) {
      this.#ahead.add(id);
      return;
    }
    if (at !== this.reached) {
      [this.reached, this.#atReached, this.#idsAtReached] = [at, 0, this.#undated];
      this.#unnamedAtReached = 0;
    }
    this.#undated = new Set();
    this.#atReached += 1;
    this.#idsAtReached.add(id);
  }

  /** how many of all messages listed were received at `reached` or say later */
  get atReached(): number {
    return this.#atReached + this.#ahead.size;
  }

  /** messages that come before the next page, where no link leads to it */
  get skip(): number {
    return this.#skips ? this.#taken : 0;
  }

  /** messages on its pages, each once */
  get listed(): number {
    return this.#listed.size;
  }

  get isCounted(): boolean {
    return this.#count !== null;
  }

  get hasMoved(): boolean {
    return this.reached !== null && this.reached !== this.from;
  }

  /** messages that Graph counted, and neither listed nor failed over; 0 where it told no count */
  get lacking(): number {
    return Math.max(0, (this.#count ?? 0) - this.#listed.size - this.#unnamed);
  }

  /** Its last page had no link, and Graph counts no more than it listed. */
  get isCountedOut(): boolean {
    return this.#count !== null && this.#count >= this.#listed.size && this.lacking === 0;
  }

  /** Its last page had no link, nor was there anything new behind the last moment of the query before. */
  get isEnd(): boolean {
    return this.#before !== null && this.added === 0 && this.lacking === 0;
  }

  /** The query that goes on where this one has come to. */
  after(): WindowQuery {
    const listed = this.hasMoved
      ? this.#idsAtReached
      : new Set([...(this.#before?.listed ?? []), ...this.#listed]);
    const known = this.hasMoved ? 0 : (this.#before?.unnamed ?? 0);
    const unnamed = Math.max(known, this.#unnamedAtReached);
    const handed = { listed, atReached: this.#atReached, unnamed, ahead: this.#ahead };
    return new WindowQuery(this.reached, this.#clock, handed);
  }
}
