import { AskDialog } from '../ask-dialog.tsx';
import { MailboxTicks, tickedMailboxes } from '../mailbox-ticks.tsx';
import { callApi } from '../state/call-api.ts';
import { tell } from '../state/notice.ts';
import { consoleNow } from '../state/overview.ts';
import { momentOf, textOf } from '../state/text-of.ts';
import { WindowFields } from '../window-fields.tsx';

/** Asks what a session needs: a name, a window, mailboxes. */
export function NewSession({ onClose }: { onClose: () => void }) {
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
      <fieldset>
        <legend>Mail that is received</legend>
        <div class="ticks">
          <label class="tick">
            <input type="radio" name="ends" value="open" defaultChecked />
            until somebody closes the session
          </label>
          <label class="tick">
            <input type="radio" name="ends" value="window" />
            in a window that is over: the mailboxes are listed at once
          </label>
        </div>
      </fieldset>
      <WindowFields end="now, or until closed" />
      <MailboxTicks />
    </AskDialog>
  );
}

async function start(form: FormData): Promise<void> {
  const name = textOf(form, 'name');
  const isWindow = textOf(form, 'ends') === 'window';
  const answer = await callApi('POST /sessions', {
    body: {
      name,
      mailboxes: tickedMailboxes(form),
      from: momentOf(form, 'from'),
      to: momentOf(form, 'to') ?? (isWindow ? new Date(consoleNow.value).toISOString() : null),
    },
  });
  if (!answer.ok) {
    tell('refused', answer.why);
    return;
  }
  const { id } = answer.body;
  const listed = isWindow ? await callApi('POST /sessions/:id/close', { params: { id } }) : answer;
  if (listed.ok) tell('done', `“${name}” ${isWindow ? 'lists its mailboxes' : 'has begun'}.`);
  else tell('refused', `“${name}” has begun and could not be closed: ${listed.why}`);
}
