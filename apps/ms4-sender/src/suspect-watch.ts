import type { Clock } from '@ms1/runtime';

/** A record that MS4 fails on while it may be well for others, as one sender saw it last. */
interface Suspect {
  /** message key */
  key: string;
  /** how MS4 answered: `ms4_500` */
  code: string;
  /** ms since the epoch: MS4 first failed on it */
  since: number;
}

/** The suspects of one sender, for whoever asks why records are not delivered. */
export interface SuspectWatch {
  saw(suspect: Suspect): void;
  /** it was delivered, or is a dead letter */
  ended(key: string): void;
  /** longest first */
  list(): Suspect[];
}

/** Tried again each 30 s or so by one sender or another: what did not come by for so long ended elsewhere. */
const SEEN_MS = 5 * 60_000;

export function createSuspectWatch(clock: Clock): SuspectWatch {
  const seen = new Map<string, Suspect & { seenAt: number }>();
  return {
    saw(suspect) {
      seen.set(suspect.key, { ...suspect, seenAt: clock.now() });
    },
    ended(key) {
      seen.delete(key);
    },
    list() {
      const oldest = clock.now() - SEEN_MS;
      for (const { key, seenAt } of seen.values()) if (seenAt < oldest) seen.delete(key);
      return [...seen.values()]
        .map(({ key, code, since }) => ({ key, code, since }))
        .toSorted((a, b) => a.since - b.since);
    },
  };
}
