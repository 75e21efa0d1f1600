import { Empty, Heading } from '../heading.tsx';
import { overview } from '../state/overview.ts';
import { counted } from '../words.ts';
import { CauseList } from './cause-list.tsx';

/** Messages that ended for good with a reason, by that reason. */
export function DeadLettersView() {
  const letters = overview.value?.deadLetters;
  return (
    <>
      <Heading title="Dead letters">
        {letters && letters.total > 0 && (
          <p class="muted">
            {counted(letters.total, 'message')}, {counted(letters.causesTotal, 'cause')}
          </p>
        )}
      </Heading>
      {letters?.total === 0 && (
        <Empty title="No dead letters">
          A message that can not be delivered ends here with its reason, and waits until somebody
          replays or discards it.
        </Empty>
      )}
      <h2 class="sr">By cause</h2>
      {letters && <CauseList causes={letters.causes} />}
      {letters && letters.causesTotal > letters.causes.length && (
        <p class="muted">
          The {letters.causes.length} most frequent causes are shown. The others are in{' '}
          <code>ms1 dead list</code>.
        </p>
      )}
    </>
  );
}
