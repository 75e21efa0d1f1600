import { AskDialog } from '../ask-dialog.tsx';
import { callApi } from '../state/call-api.ts';
import { tell } from '../state/notice.ts';
import { overview } from '../state/overview.ts';
import { textOf } from '../state/text-of.ts';

/** Asks what a session needs: a name, a window, mailboxes. */
export function NewSession({ onClose }: { onClose: () => void }) {
  const mailboxes = overview.value?.mailboxes;
  return (
    <AskDialog title="Start a session" confirm="Start" onClose={onClose} onConfirm={start}>
      <label>
        Name
        <input
          name="name"
          required
          maxLength={100}
          autoComplete="off"
          placeholder="Month-end November"
        />
      </label>
      <div class="pair">
        <label>
          From <span class="muted">(empty: the beginning)</span>
          <input name="from" type="datetime-local" />
        </label>
        <label>
          To <span class="muted">(empty: until closed)</span>
          <input name="to" type="datetime-local" />
        </label>
      </div>
      <fieldset>
        <legend>Mailboxes</legend>
        <p class="muted">None ticked: all {mailboxes?.total ?? ''} of them.</p>
        <div class="ticks">
          {mailboxes?.longestAgo
            .toSorted((a, b) => a.label.localeCompare(b.label))
            .map(({ id, label }) => (
              <label key={id} class="tick">
                <input type="checkbox" name="mailbox" value={id} />
                {label}
              </label>
            ))}
        </div>
      </fieldset>
    </AskDialog>
  );
}

async function start(form: FormData): Promise<void> {
  const name = textOf(form, 'name');
  const ticked = form.getAll('mailbox').map(String);
  const answer = await callApi('POST /sessions', {
    body: {
      name,
      mailboxes: ticked.length === 0 ? 'all' : ticked,
      from: momentOf(form, 'from'),
      to: momentOf(form, 'to'),
    },
  });
  if (answer.ok) tell('done', `“${name}” has begun.`);
  else tell('refused', answer.why);
}

/** The field is in this browser's time. */
function momentOf(form: FormData, name: string): string | null {
  const value = textOf(form, name);
  return value === '' ? null : new Date(value).toISOString();
}
