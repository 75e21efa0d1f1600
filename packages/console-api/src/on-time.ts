import { z } from 'zod';

/** Of every hundred messages, those that are to be delivered within a minute of their arrival. */
export const ON_TIME_OBJECTIVE = 0.99;

const Count = z.number().int().min(0);

/** Mail that was delivered, without the past that sessions bring in, and what of it took longer than the objective. */
const Kept = z
  .object({
    timed: Count.meta({ description: 'delivered; without what a session brought in' }),
    late: Count.meta({
      description: 'of those, more than 60 s from receivedDateTime to the verdict of MS4',
    }),
  })
  .meta({ id: 'OnTimeCounts' });

/** How the freshness objective was kept. */
export const OnTime = z
  .object({
    today: Kept.meta({ description: 'since midnight UTC' }),
    month: Kept.meta({ description: 'thirty days, today among them' }),
  })
  .meta({ id: 'OnTime' });
export type OnTime = z.infer<typeof OnTime>;

/** Percent of the mail that was on time, rounded down: what was late once is never 100. Null without any. */
export function onTimePercent({ timed, late }: OnTime['today']): number | null {
  return timed === 0 ? null : Math.floor(((timed - late) / timed) * 1_000) / 10;
}
