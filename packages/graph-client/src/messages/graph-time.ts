/**
 * Zero, minimum and "none" of the systems that mail passes: 0001 (.NET), 1601 (Windows), 1753, 1899 and 1900 (databases,
 * OLE), 1904, 1970 (Unix), 1980 (DOS), each give or take a time zone or the age of a clock that was never set. Exchange is younger.
 */
const FIRST_MS = Date.UTC(1990, 0, 1);
/** RFC 3339 has four digits for a year. */
const END_MS = Date.UTC(10_000, 0, 1);
/** Clocks differ; what lies more than a day ahead is no news of when it is. */
const AHEAD_MS_MAX = 24 * 3_600_000;

/**
 * ms since the epoch; NaN for what is no time that RFC 3339 can write. Graph sends offsets and seven fractional digits at
 * times (docs/graph-contract.md#notification-items), and leaves the zone out of none: a time without one is UTC.
 */
export function parseTime(value: string): number {
  if (!/^\d{4}-\d{2}-\d{2}T/.test(value)) return Number.NaN;
  const ms = Date.parse(/(Z|[+-]\d{2}:\d{2})$/i.test(value) ? value : `${value}Z`);
  // Before it everything stands for no time, whatever its year.
  return ms < END_MS ? ms : Number.NaN;
}

/** ms since the epoch; null for what is no time, or only stands for none. */
export function timeOf(value: string | null | undefined): number | null {
  const ms = value ? parseTime(value) : Number.NaN;
  return ms >= FIRST_MS ? ms : null;
}

/**
 * May a mark (the newest or oldest of what was read) follow this time? One message from a wrong clock or a migration, dated
 * 4501, would move it past everything that is still to come.
 *
 * @param ms since the epoch; null: no time
 */
export function isPlausible(ms: number | null, now: number): ms is number {
  return ms !== null && ms >= FIRST_MS && ms <= now + AHEAD_MS_MAX;
}
