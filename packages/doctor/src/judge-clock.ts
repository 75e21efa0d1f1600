import type { Finding } from './check.ts';

/** The times between which a clock elsewhere is ahead of ours (negative: behind), in ms. */
export interface ClockOffset {
  min: number;
  max: number;
}

/**
 * From a Date header. It is cut to the whole second, so at the moment of writing that clock showed
 * something in [date, date + 1 s); ours showed something between sending and receiving.
 */
export function offsetByDate(date: number, sentAt: number, receivedAt: number): ClockOffset {
  return { min: date - receivedAt, max: date + 1_000 - sentAt };
}

/** The least offset that fits what was seen: 0 when the clocks may be equal. */
export function leastOffset({ min, max }: ClockOffset): number {
  if (min > 0) return min;
  return max < 0 ? max : 0;
}

/**
 * 5 s: what a run of NTP never exceeds and Date shows surely. Entra takes a signed assertion, and
 * believes the times in it, within 5 min.
 */
const WARN_MS = 5_000;
const FAIL_MS = 300_000;

export function judgeDate(whose: string, offset: ClockOffset): Finding {
  const least = leastOffset(offset);
  const size = Math.abs(least);
  if (size < WARN_MS) return { status: 'ok', seen: `${whose} agrees within ${WARN_MS / 1_000} s` };
  return {
    status: size < FAIL_MS ? 'warn' : 'fail',
    seen: `${whose} is at least ${Math.floor(size / 1_000)} s ${least > 0 ? 'ahead of' : 'behind'} this one`,
    remedy:
      'synchronise the clock of this machine (chrony or systemd-timesyncd): tokens, windows and expiries are judged by it',
  };
}
