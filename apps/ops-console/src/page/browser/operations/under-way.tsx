import { useEffect } from 'preact/hooks';

import { mayAct } from '../state/me.ts';
import { ACTIONS, type Operation, stop, underWay, watchOperations } from '../state/operations.ts';
import { counted, number } from '../words.ts';

/** What is done with many messages just now, how far it is, and a way to stop it. */
export function UnderWay() {
  useEffect(watchOperations, []);
  if (underWay.value.length === 0) return null;
  return (
    <section aria-labelledby="under-way-title">
      <h2 id="under-way-title">Under way</h2>
      <ul class="rows">
        {underWay.value.map((operation) => (
          <Progress key={operation.id} operation={operation} />
        ))}
      </ul>
    </section>
  );
}

function Progress({ operation }: { operation: Operation }) {
  const { id, action, matched, done, gone, failed, later, perSecond, by, reason } = operation;
  const passed = done + gone + failed;
  const text = `${ACTIONS[action].doing} ${counted(matched, 'message')}`;
  return (
    <li>
      <span class="grow">
        {text}: {number(passed)} so far, at most {perSecond} a second
        {later > 0 && `, ${number(later)} again when their mailbox is no longer throttled`}{' '}
        <span class="muted">
          for {by}: {reason}
        </span>
      </span>
      <progress aria-label={text} max={Math.max(matched, 1)} value={Math.min(passed, matched)} />
      {mayAct.value && (
        <button type="button" onClick={() => void stop(id)}>
          Stop <span class="sr">{text}</span>
        </button>
      )}
    </li>
  );
}
