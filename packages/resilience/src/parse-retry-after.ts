/**
 * ms for a Retry-After that says something which cannot be read: a minute, in which the usual quotas
 * (ours of MS4 too) are full again. It was sent by somebody who wants to be left alone, so never none.
 */
export const RETRY_AFTER_MS_UNREADABLE = 60_000;

const SECONDS = /^([+-]?)(\d+\.?\d*|\.\d+)\s*(?:s|secs?|seconds?)?$/i;
/** the three forms of RFC 9110, 5.6.7, in any case and with what is usually left away; and RFC 3339 */
const DATES = [
  /^(?:[a-z]{3,9},? )?\d{1,2}[ -][a-z]{3}[ -]\d{2,4} \d{1,2}:\d{2}:\d{2}(?<zone> ?(?:gmt|utc|z|[+-]\d{4}))?$/i,
  /^[a-z]{3} [a-z]{3} \d{1,2} \d{2}:\d{2}:\d{2} \d{4}(?<zone> gmt| utc)?$/i,
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?<zone>Z|[+-]\d{2}:?\d{2})$/i,
];

/**
 * ms to wait by a Retry-After header, in whole seconds: delta-seconds or an HTTP-date (RFC 9110, 10.2.3), and
 * what services send besides: decimals (Graph: `2.542`), blanks, quotes, any case, a unit, several values
 * (the longest counts). What is negative or past is 0. undefined only when there is none. The value is the
 * other side's: clamp it before waiting.
 *
 * @param now ms since the epoch
 */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  // The comma within a date is no end of a value.
  const values = (value ?? '').split(/,(?!\s*\d{1,2}[ -][a-z]{3}[ -])/i).flatMap((part) => {
    const text = part.replaceAll(/["'\s]+/g, ' ').trim();
    return text === '' ? [] : [waitOf(text, now)];
  });
  return values.length === 0 ? undefined : Math.max(...values);
}

function waitOf(text: string, now: number): number {
  const [, sign, seconds] = SECONDS.exec(text) ?? [];
  if (seconds !== undefined) return sign === '-' ? 0 : wholeSeconds(Number(seconds) * 1_000);
  const at = parseDate(text);
  return Number.isNaN(at) ? RETRY_AFTER_MS_UNREADABLE : wholeSeconds(Math.max(0, at - now));
}

function wholeSeconds(ms: number): number {
  return Math.min(Math.ceil(ms / 1_000) * 1_000, Number.MAX_SAFE_INTEGER);
}

/** Strict about the form, because Date.parse takes nearly anything for a date ("yes 2"). A time without a zone is UTC. */
function parseDate(text: string): number {
  for (const form of DATES) {
    const found = form.exec(text);
    if (found) return Date.parse(found.groups?.['zone'] ? text : `${text} GMT`);
  }
  return Number.NaN;
}
