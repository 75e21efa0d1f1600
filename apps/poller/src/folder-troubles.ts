import type { Clock } from '@ms1/runtime';
/** Something that is polled and cannot be read. */
export interface Trouble {
  /** of the error: never its text, which may name people */
  code: string;
  /** whose folder it is, as operators call the mailbox */
  mailbox?: string | undefined;
  /** ms until it is tried again; default: nobody knows */
  afterMs?: number | undefined;
  /** it may be over by itself in a moment: told only when it lasts */
  passing?: boolean | undefined;
  /** false: nothing will be polled there any more, and so nothing clears it; default it will */
  concerns?: () => boolean;
}

export interface FolderTroublesOptions {
  clock?: Clock;
  /** ms between two looks at a folder, for what nobody here reports again: another process has it by then */
  everyMs?: number;
}

/** ms for which something that may be over in a moment is not told: within 30 s, with the probe. */
const PASSING_MS = 25_000;
/** Looks after which what was not reported again is over, or another process's to tell. */
const LOOKS = 3;
/** Mailboxes named a code; more help nobody. */
const NAMED = 5;

interface Known extends Trouble {
  since: number;
  at: number;
}

/** What keeps folders (or other things that are polled) from being read, for readiness. */
export class FolderTroubles {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #known = new Map<string, Known>();

  constructor({ clock = Date, everyMs = 60_000 }: FolderTroublesOptions = {}) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** @returns since when it cannot be read, ms since the epoch */
  report(id: string, trouble: Trouble): number {
    const at = this.#clock.now();
    const since = this.#known.get(id)?.since ?? at;
    this.#known.set(id, { ...trouble, since, at });
    return since;
  }

  clear(id: string): void {
    this.#known.delete(id);
  }

  /** @throws with a sentence that counts the troubles by code, and names whose they are, since and until when */
  assertNone(): void {
    const told = Map.groupBy(this.#current(), ({ code }) => code);
    if (told.size === 0) return;
    const list = [...told].map(([code, troubles]) => inWords(code, troubles));
    throw new Error(`cannot be read: ${list.join('; ')}`);
  }

  #current(): Known[] {
    const now = this.#clock.now();
    for (const [id, { at, afterMs = 0, concerns = () => true }] of this.#known) {
      const over = at + Math.max(afterMs, this.#everyMs) + LOOKS * this.#everyMs < now;
      if (over || !concerns()) this.#known.delete(id);
    }
    return [...this.#known.values()].filter(
      ({ passing, since }) => !passing || now - since >= PASSING_MS,
    );
  }
}

function inWords(code: string, troubles: readonly Known[]): string {
  const names = [...new Set(troubles.flatMap(({ mailbox }) => mailbox ?? []))];
  const named = names.slice(0, NAMED).join(', ');
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const since = Math.min(...troubles.map((one) => one.since));
  const ends = troubles.map(({ at, afterMs }) => (afterMs === undefined ? 0 : at + afterMs));
  const until = Math.max(...ends);
  return (
    `${troubles.length} x ${code}${named && ` (${named}${more})`} since ${timeOf(since)}` +
    `${until > 0 ? `, again at ${timeOf(until)}` : ''} UTC`
  );
}

const timeOf = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
