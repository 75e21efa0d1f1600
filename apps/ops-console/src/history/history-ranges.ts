/** How long each range reaches back, and in how many steps. */
export const HISTORY_RANGES = {
  /** 360 x 10 s: two turns of the recorder each */
  hour: { stepMs: 10_000, buckets: 360 },
  /** 288 x 5 min */
  day: { stepMs: 5 * 60_000, buckets: 288 },
  /** 280 x 3 h = 35 days, as long as the ledger knows a message */
  month: { stepMs: 3 * 3_600_000, buckets: 280 },
} as const;
export type HistoryRange = keyof typeof HISTORY_RANGES;
export const HISTORY_RANGE_NAMES = Object.keys(HISTORY_RANGES) as HistoryRange[];

/** ms */
export const reachOf = (range: HistoryRange): number =>
  HISTORY_RANGES[range].stepMs * HISTORY_RANGES[range].buckets;
