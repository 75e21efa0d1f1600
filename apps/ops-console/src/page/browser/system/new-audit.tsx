import { AskDialog } from '../ask-dialog.tsx';
import { MailboxTicks, tickedMailboxes } from '../mailbox-ticks.tsx';
import { callApi } from '../state/call-api.ts';
import { tell } from '../state/notice.ts';
import { auditPath, goTo } from '../state/place.ts';
import { momentOf } from '../state/text-of.ts';
import { WindowFields } from '../window-fields.tsx';

/** Asks what an audit needs: a window, mailboxes, and whether it repairs. */
export function NewAudit({ onClose }: { onClose: () => void }) {
  return (
    <AskDialog title="Start an audit" confirm="Start" onClose={onClose} onConfirm={start}>
      <p>Lists the mailboxes and looks every message up in the ledger.</p>
      <WindowFields />
      <MailboxTicks />
      <label class="tick">
        <input type="checkbox" name="repair" />
        Put back on the queue what nothing accounts for
      </label>
    </AskDialog>
  );
}

async function start(form: FormData): Promise<void> {
  const answer = await callApi('POST /audits', {
    body: {
      mailboxes: tickedMailboxes(form),
      from: momentOf(form, 'from'),
      to: momentOf(form, 'to'),
      repair: form.has('repair'),
    },
  });
  if (answer.ok) goTo(auditPath(answer.body.id));
  else tell('refused', answer.why);
}
