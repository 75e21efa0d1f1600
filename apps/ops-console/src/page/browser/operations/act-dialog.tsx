import type { AnswerOf } from '@ms1/console-api';
import { useEffect, useState } from 'preact/hooks';

import { AskDialog } from '../ask-dialog.tsx';
import { type Answer, callApi } from '../state/call-api.ts';
import { tell } from '../state/notice.ts';
import { follow } from '../state/operations.ts';
import { textOf } from '../state/text-of.ts';
import { clockTime, counted, plain } from '../words.ts';

export type Action = 'replay' | 'discard' | 'put-back';
type MailFilter = {
  state: string;
  mailboxId?: string;
  reason?: string;
  from?: string;
  to?: string;
};
/** Which messages: dead letters, or mail of the list. */
export type Which = { letters: { fingerprint?: string; key?: string } } | { mail: MailFilter };

const WORDS = {
  replay: {
    title: 'Replay',
    confirm: 'Replay',
    explanation:
      'They go back to their queue with all their attempts. Replay once the cause is gone.',
  },
  discard: {
    title: 'Discard',
    confirm: 'Discard for good',
    explanation: 'They leave the queue and stay dead in the ledger. You cannot undo this.',
  },
  'put-back': {
    title: 'Put back',
    confirm: 'Put back',
    explanation:
      'They are read from their mailboxes again, whatever a rule says, and sent under the same keys: what MS4 has already it does not store twice.',
  },
} as const;

const RATE = 50;

/** Says what it would do, asks why and how fast, then does it. */
export function ActDialog({
  which,
  action,
  onClose,
  onEnded,
}: {
  which: Which;
  action: Action;
  onClose: () => void;
  onEnded?: () => void;
}) {
  const { title, confirm, explanation } = WORDS[action];
  const [would, setWould] = useState<Would>();
  useEffect(() => void ask(which, action, {}).then(setWould), []);
  const begin = async (form: FormData): Promise<void> => {
    const only = textOf(form, 'only');
    const chosen =
      'mail' in which && only !== '' ? { mail: { ...which.mail, reason: only } } : which;
    const [reason, perSecond] = [textOf(form, 'reason'), Number(textOf(form, 'rate'))];
    const answer = await ask(chosen, action, { reason, perSecond, dryRun: false });
    if (!answer.ok) tell('refused', answer.why);
    else if (!('dryRun' in answer.body)) await follow(answer.body).then(onEnded);
  };
  return (
    <AskDialog
      title={`${title} ${'mail' in which ? 'all of these' : 'dead letters'}?`}
      confirm={confirm}
      isGrave={action === 'discard'}
      onClose={onClose}
      onConfirm={begin}
    >
      <p>
        {explanation} {wouldInWords(would)}
      </p>
      <MailConcerned would={would} />
      <label>
        At most so many a second
        <input name="rate" type="number" min={1} max={1_000} required defaultValue={`${RATE}`} />
      </label>
      <label>
        Reason <span class="muted">(kept in the operator log)</span>
        <input name="reason" required maxLength={200} autoComplete="off" />
      </label>
    </AskDialog>
  );
}

type Would = Answer<AnswerOf<'POST /dead-letters/replay'> | AnswerOf<'POST /messages/replay'>>;

function ask(which: Which, action: Action, asking: object): Promise<Would> {
  if ('mail' in which) {
    return callApi(`POST /messages/${action}`, { body: { filter: which.mail, ...asking } });
  }
  const clearing = action === 'discard' ? 'discard' : 'replay';
  return callApi(`POST /dead-letters/${clearing}`, { body: { ...which.letters, ...asking } });
}

/** What a dry run says. */
function wouldInWords(would: Would | undefined): string {
  if (!would) return 'Counting …';
  if (!would.ok) return would.why;
  return `${counted(would.body.matched, 'is', 'are')} concerned.`;
}

/** Some of the mail, and a choice where it is in its state for several reasons. */
function MailConcerned({ would }: { would: Would | undefined }) {
  if (!would?.ok || !('samples' in would.body)) return null;
  const { samples, reasons, matched } = would.body;
  const named = reasons.flatMap(({ reason, count }) =>
    reason === null ? [] : [{ reason, count }],
  );
  return (
    <>
      {samples.length > 0 && (
        <ul class="samples">
          {samples.map(({ key, receivedAt, mailbox }) => (
            <li key={key}>
              {clockTime(receivedAt)}
              {mailbox && `, ${mailbox.label}`}
            </li>
          ))}
          {matched > samples.length && (
            <li class="muted">and {counted(matched - samples.length, 'more', 'more')}</li>
          )}
        </ul>
      )}
      {named.length > 1 && (
        <label>
          Which of them
          <select name="only">
            <option value="">All {matched}</option>
            {named.map(({ reason, count }) => (
              <option key={reason} value={reason}>
                {plain(reason)} ({count})
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}
