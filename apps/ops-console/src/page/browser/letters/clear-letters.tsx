import type { AnswerOf } from '@ms1/console-api';
import { useEffect, useState } from 'preact/hooks';

import { AskDialog } from '../ask-dialog.tsx';
import { type Answer, callApi } from '../state/call-api.ts';
import { tell } from '../state/notice.ts';
import { textOf } from '../state/text-of.ts';
import { counted, plain } from '../words.ts';

type Action = 'replay' | 'discard';
export type Which = { fingerprint?: string; key?: string };

const WORDS = {
  replay: {
    confirm: 'Replay',
    begun: 'Replaying',
    ended: 'replayed',
    explanation:
      'They go back to their queue with all their attempts. Replay once the cause is gone.',
  },
  discard: {
    confirm: 'Discard for good',
    begun: 'Discarding',
    ended: 'discarded',
    explanation: 'They leave the queue and stay dead in the ledger. You cannot undo this.',
  },
} as const;

/** ms between looks at a running operation. */
const LOOK_MS = 500;

/** Asks why, then replays or discards, and tells what came of it. */
export function ClearLetters({
  which,
  action,
  onClose,
}: {
  which: Which;
  action: Action;
  onClose: () => void;
}) {
  const { confirm, explanation } = WORDS[action];
  const [would, setWould] = useState<Answer<AnswerOf<'POST /dead-letters/replay'>>>();
  useEffect(() => {
    void callApi(`POST /dead-letters/${action}`, { body: which }).then(setWould);
  }, []);
  return (
    <AskDialog
      title={`${plain(action)} dead letters?`}
      confirm={confirm}
      isGrave={action === 'discard'}
      onClose={onClose}
      onConfirm={(form) => clear(action, which, textOf(form, 'reason'))}
    >
      <p>
        {explanation} {wouldInWords(would)}
      </p>
      <label>
        Reason <span class="muted">(kept in the operator log)</span>
        <input name="reason" required maxLength={200} autoComplete="off" />
      </label>
    </AskDialog>
  );
}

/** What a dry run says. */
function wouldInWords(would: Answer<AnswerOf<'POST /dead-letters/replay'>> | undefined): string {
  if (!would) return 'Counting …';
  if (!would.ok) return would.why;
  return `${counted(would.body.matched, 'is', 'are')} concerned.`;
}

async function clear(action: Action, which: Which, reason: string): Promise<void> {
  const { begun, ended } = WORDS[action];
  const body = { ...which, reason, dryRun: false };
  const answer = await callApi(`POST /dead-letters/${action}`, { body });
  if (!answer.ok) {
    tell('refused', answer.why);
    return;
  }
  if ('dryRun' in answer.body) return;
  let operation = answer.body;
  tell('done', `${begun} ${counted(operation.matched, 'dead letter')} …`);
  while (operation.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const { id } = operation;
    const look = await callApi('GET /operations/:id', { params: { id } });
    if (!look.ok) {
      tell('refused', look.why);
      return;
    }
    operation = look.body;
  }
  const { done, gone, lost } = operation;
  const rest = [
    gone > 0 && `${counted(gone, 'was', 'were')} handled by somebody else`,
    lost > 0 && `${counted(lost, 'had', 'had')} lost its data and waits to be noticed again`,
  ].filter((part) => part !== false);
  tell('done', [`${counted(done, 'dead letter')} ${ended}`, ...rest].join('; '));
}
