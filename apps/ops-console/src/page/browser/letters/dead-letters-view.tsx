import { useEffect, useState } from 'preact/hooks';

import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import { UnderWay } from '../operations/under-way.tsx';
import { type Group, groups, groupsTrouble, watchGroups } from '../state/groups.ts';
import { consoleNow } from '../state/overview.ts';
import { counted } from '../words.ts';
import { CauseList } from './cause-list.tsx';

const ORDERS = {
  count: { label: 'the most letters first', compare: (a: Group, b: Group) => b.count - a.count },
  age: {
    label: 'the oldest first',
    compare: (a: Group, b: Group) => Date.parse(a.firstAt) - Date.parse(b.firstAt),
  },
} as const;
type Order = keyof typeof ORDERS;

const lettersOf = (all: readonly Group[]): number => all.reduce((sum, { count }) => sum + count, 0);

/** Messages that ended for good with a reason, by that reason. */
export function DeadLettersView() {
  useEffect(watchGroups, []);
  const [order, setOrder] = useState<Order>('count');
  const all = groups.value?.toSorted(ORDERS[order].compare) ?? [];
  const isPutOff = ({ triage }: Group): boolean =>
    Date.parse(triage?.snoozedUntil ?? '') > consoleNow.value;
  const [putOff, open] = [all.filter(isPutOff), all.filter((group) => !isPutOff(group))];
  return (
    <>
      <Heading title="Dead letters">
        {all.length > 0 && (
          <p class="muted">
            {counted(lettersOf(all), 'message')}, {counted(all.length, 'cause')}{' '}
            <CsvLink path="/dead-letters/groups" of="the causes" />
          </p>
        )}
      </Heading>
      <UnderWay />
      {groupsTrouble.value && <p role="alert">{groupsTrouble.value}</p>}
      {groups.value?.length === 0 && (
        <Empty title="No dead letters">
          A message that can not be delivered ends here with its reason, and waits until somebody
          replays or discards it.
        </Empty>
      )}
      {all.length > 1 && (
        <label class="order">
          Causes
          <select
            value={order}
            onChange={({ currentTarget }) => setOrder(currentTarget.value as Order)}
          >
            {Object.entries(ORDERS).map(([value, { label }]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      <h2 class="sr">By cause</h2>
      <CauseList causes={open} />
      {putOff.length > 0 && (
        <section aria-labelledby="put-off-title">
          <h2 id="put-off-title">Put off</h2>
          <CauseList causes={putOff} />
        </section>
      )}
    </>
  );
}
