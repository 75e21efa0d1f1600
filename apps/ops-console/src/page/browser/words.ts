/** Numbers, times and durations as the page spells them. */

const WHOLE = new Intl.NumberFormat('en');
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const number = (n: number): string => WHOLE.format(n);

/** At most four characters before a letter: `9,999`, `12.3K`. */
export const short = (n: number): string => (n < 10_000 ? WHOLE.format(n) : SHORT.format(n));

export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${WHOLE.format(n)} ${n === 1 ? one : many}`;

/** Of a file: `812 B`, `48 KB`, `2.4 MB`. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Per second, or per minute where that is the number people can see move; a dash before it is known. */
export function perSecond(rate: number | null): string {
  if (rate === null) return '–';
  if (rate === 0) return '0/s';
  if (rate < 0.95) return `${Math.max(1, Math.round(rate * 60))}/min`;
  return rate < 10 ? `${rate.toFixed(1)}/s` : `${short(Math.round(rate))}/s`;
}

/** Of a longer time: what is less than one a second is told by the minute, to a tenth. */
export function slowRate(perSec: number): string {
  if (perSec === 0 || perSec >= 1) return perSecond(perSec);
  const perMinute = Math.round(perSec * 600) / 10;
  return perMinute === 0 ? '<0.1/min' : `${perMinute}/min`;
}

/** Seconds as one unit, or two where the second still matters. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 10) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days`;
}

export function ago(moment: string, nowMs: number): string {
  const seconds = (nowMs - Date.parse(moment)) / 1_000;
  return seconds < 2 ? 'just now' : `${duration(seconds)} ago`;
}

/** Milliseconds between two steps of a message. */
export function elapsed(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : duration(ms / 1_000);
}

/** Percent of the mail that was on time, rounded down: what was late once is never 100. A dash without any. */
export function onTimeShare({ timed, late }: { timed: number; late: number }): string {
  return timed === 0 ? '–' : `${Math.floor(((timed - late) / timed) * 1_000) / 10} %`;
}

/** `code_like_this` as people read it. */
export function plain(code: string): string {
  const text = code.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The time of day of a moment in this browser's time: `10:02:33`. */
export function secondOf(moment: string): string {
  return new Date(moment).toLocaleTimeString('en-GB');
}

/** A moment in this browser's time, to the second. */
export function clockTime(moment: string): string {
  return new Date(moment).toLocaleString('en-GB', {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
}
