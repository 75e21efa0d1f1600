import type { SessionView } from '@ms1/console-api';
import { signal } from '@preact/signals';

import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import { mayAct } from '../state/me.ts';
import { overview } from '../state/overview.ts';
import { PICKED_MAX, pick, picked } from '../state/picked.ts';
import { comparePath } from '../state/place.ts';
import { counted } from '../words.ts';
import { NewSession } from './new-session.tsx';
import { SessionCard } from './session-card.tsx';

const isStarting = signal(false);

/** Named pieces of work with a beginning, an end and a report. */
export function SessionsView() {
  const sessions = overview.value?.sessions;
  return (
    <>
      <Heading title="Sessions">
        {mayAct.value && (
          <button
            type="button"
            class="main"
            onClick={() => {
              isStarting.value = true;
            }}
          >
            Start a session
          </button>
        )}
        <CsvLink path="/sessions" of="the sessions" />
      </Heading>
      {isStarting.value && (
        <NewSession
          onClose={() => {
            isStarting.value = false;
          }}
        />
      )}
      {sessions?.length === 0 && (
        <Empty title="No session yet">
          A session follows the mail of some mailboxes over a time, and proves at its end that none
          was lost. Mail flows without one, too.
        </Empty>
      )}
      <h2 class="sr">All sessions</h2>
      <div class="cards">
        {sessions?.map((session) => (
          <SessionCard key={session.id} session={session}>
            {(sessions.length > 1 || picked.value.length > 0) && <Pick session={session} />}
          </SessionCard>
        ))}
      </div>
      <p role="status">
        {picked.value.length === 1 && 'One is picked: pick another to compare them.'}
        {picked.value.length > 1 && (
          <a href={comparePath(picked.value)}>
            Compare {counted(picked.value.length, 'session')} side by side
          </a>
        )}
      </p>
    </>
  );
}

function Pick({ session: { id, name } }: { session: SessionView }) {
  const isPicked = picked.value.includes(id);
  return (
    <label class="tick">
      <input
        type="checkbox"
        checked={isPicked}
        disabled={!isPicked && picked.value.length >= PICKED_MAX}
        onChange={({ currentTarget }) => pick(id, currentTarget.checked)}
      />
      <span>
        Compare<span class="sr"> {name}</span>
      </span>
    </label>
  );
}
