import { useState } from 'preact/hooks';

import { ActDialog, type Action } from '../operations/act-dialog.tsx';
import { type Filter, filter, list, queryOf } from '../state/browse.ts';
import { mailShown, mayAct } from '../state/me.ts';

const FITTING: Record<Filter['state'], readonly Action[]> = {
  '': [],
  queued: [],
  prepared: [],
  dead: ['replay', 'discard'],
  skipped: ['put-back'],
  delivered: ['put-back'],
};
const BUTTONS: Record<Action, string> = {
  replay: 'Replay all of these …',
  discard: 'Discard all of these …',
  'put-back': 'Put all of these back …',
};

/** What can be done with all mail of the filter; each says first what it would do. */
export function MailActions() {
  const [asked, setAsked] = useState<Action>();
  const { state } = filter.value;
  if (!mayAct.value) return null;
  if (FITTING[state].includes('put-back') && mailShown.value === 'off') {
    return (
      <p class="muted">
        This console cannot read mailboxes. What was skipped is put back by <code>ms1 replay</code>.
      </p>
    );
  }
  return (
    <span class="actions">
      {FITTING[state].map((action) => (
        <button key={action} type="button" onClick={() => setAsked(action)}>
          {BUTTONS[action]}
        </button>
      ))}
      {asked && (
        <ActDialog
          which={{ mail: { state, ...queryOf(filter.value) } }}
          action={asked}
          onClose={() => setAsked(undefined)}
          onEnded={() => void list()}
        />
      )}
    </span>
  );
}
