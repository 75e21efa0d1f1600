/** New mail of a folder, by what noticed it first. */
export interface Arrivals {
  /** a notification came before the walk */
  announced: number;
  /** the walk found it before any notification */
  unannounced: number;
  /** ms from received to noticed, summed over those that were announced */
  lateMs: number;
}

/** How a folder's notifications did, and when it was last read. Times are ms since the epoch. */
export interface PushYield {
  /** when it was last walked to its end: everything received before it has been noticed, but for what Graph itself held back */
  walkedAt: number;
  /** the last 60 minutes */
  hour: Arrivals;
  /** the last 10 to 15 minutes, without those in which the folder was walked more often: push loses more races then */
  recent: Arrivals;
  /** until when it is, or was, walked more often because notifications were missing; null: it never was */
  soonerUntil: number | null;
  /** when its subscription was last made anew for that reason */
  rebuildAskedAt: number | null;
}

/** ms a bucket */
export const BUCKET_MS = 300_000;
/** 12 of 5 minutes are the last hour: at most 36 fields and 3 others, about 700 bytes a folder */
export const BUCKETS = 12;
/** Buckets that are `recent`: the one that fills and the two before it. */
const RECENT = 3;

/** Reads the fields as they are stored: `<bucket>:a|u|l` and times. */
export function toPushYield(fields: Readonly<Record<string, string>>, bucket: number): PushYield {
  const hour = { announced: 0, unannounced: 0, lateMs: 0 };
  const recent = { announced: 0, unannounced: 0, lateMs: 0 };
  const time = (name: string): number | null => Number(fields[name] ?? 0) || null;
  const soonerUntil = time('soonerUntil');
  const names = { a: 'announced', u: 'unannounced', l: 'lateMs' } as const;
  for (const [field, value] of Object.entries(fields)) {
    const [, at, name] = /^(\d+):([aul])$/.exec(field) ?? [];
    if (at === undefined) continue;
    const age = bucket - Number(at);
    const counter = names[name as keyof typeof names];
    if (age < BUCKETS) hour[counter] += Number(value);
    const fair = Number(at) * BUCKET_MS >= (soonerUntil ?? 0);
    if (age < RECENT && fair) recent[counter] += Number(value);
  }
  return {
    walkedAt: Number(fields['walkedAt'] ?? 0),
    hour,
    recent,
    soonerUntil,
    rebuildAskedAt: time('rebuildAskedAt'),
  };
}
