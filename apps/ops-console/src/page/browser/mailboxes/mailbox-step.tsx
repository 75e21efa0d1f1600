import { useState } from 'preact/hooks';
import { AskDialog } from '../ask-dialog.tsx';
import { callApi } from '../state/call-api.ts';
import type { Mailbox } from '../state/mailboxes.ts';
import { tell } from '../state/notice.ts';

const STEPS = {
  pause: {
    label: 'Pause',
    done: 'is paused: its new mail is not noticed. Queued mail goes on.',
  },
  resume: { label: 'Resume', done: 'is read again, from where it stopped.' },
} as const;

type Stepped = Pick<Mailbox, 'mailboxId' | 'label' | 'state'>;

/** What an operator can do with a mailbox. */
export function MailboxStep({ mailbox, onDone }: { mailbox: Stepped; onDone: () => void }) {
  const step = mailbox.state === 'paused' ? 'resume' : 'pause';
  const [isAsked, setAsked] = useState(false);
  return (
    <>
      <button
        type="button"
        onClick={() => (step === 'pause' ? setAsked(true) : void take(mailbox, step).then(onDone))}
      >
        {STEPS[step].label}
        <span class="sr"> {mailbox.label}</span>
      </button>
      {isAsked && (
        <AskDialog
          title={`Pause ${mailbox.label}?`}
          confirm="Pause"
          onConfirm={() => take(mailbox, step).then(onDone)}
          onClose={() => setAsked(false)}
        >
          <p>
            Its new mail is not noticed until it is resumed; then all of it is found. From now on
            the mailbox is kept here: what MAILBOXES says of it no longer changes it.
          </p>
        </AskDialog>
      )}
    </>
  );
}

async function take({ mailboxId: id, label }: Stepped, step: keyof typeof STEPS): Promise<void> {
  const answer = await callApi(`POST /mailboxes/:id/${step}`, { params: { id } });
  if (answer.ok) tell('done', `${label} ${STEPS[step].done}`);
  else tell('refused', answer.why);
}
