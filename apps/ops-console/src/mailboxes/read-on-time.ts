import type { OnTime } from '@ms1/console-api';
import { dayOf, type Tally, type TallyStore } from '@ms1/mailboxes';

/** Days of the objective, today among them. */
const DAYS = 30;

/**
 * How the objective was kept for each of these mailboxes, in their order, and for all.
 *
 * @param now ms since the epoch
 */
export async function readOnTime(
  tallies: Pick<TallyStore, 'read' | 'readAll'>,
  mailboxIds: readonly string[],
  now: number,
): Promise<{ all: OnTime; each: OnTime[] }> {
  const last = dayOf(now);
  const over = async (first: number): Promise<Tally[]> => {
    const [all, each] = await Promise.all([
      tallies.readAll({ first, last }),
      tallies.read(mailboxIds, { first, last }, ['timed', 'late']),
    ]);
    return [all, ...each];
  };
  const [today, month] = await Promise.all([over(last), over(last - DAYS + 1)]);
  const [all = NOTHING, ...each] = today.map(
    (tally, index): OnTime => ({ today: keptOf(tally), month: keptOf(month[index] ?? tally) }),
  );
  return { all, each };
}

const keptOf = ({ timed, late }: Tally): OnTime['today'] => ({ timed, late });

export const NOTHING: OnTime = { today: { timed: 0, late: 0 }, month: { timed: 0, late: 0 } };
