import type { SessionView } from '@ms1/console-api';
import { signal } from '@preact/signals';
import { AskDialog } from '../ask-dialog.tsx';
import { callApi } from '../state/call-api.ts';
import { tell } from '../state/notice.ts';

type Step = 'pause' | 'resume' | 'close' | 'cancel';

const STEPS: Record<Step, { label: string; done: string }> = {
  pause: { label: 'Pause', done: 'is paused: its folders are not listed until it is resumed.' },
  resume: { label: 'Resume', done: 'goes on.' },
  close: { label: 'Close', done: 'is closing: every folder is listed once more.' },
  cancel: { label: 'Cancel', done: 'is cancelled. What is on the queues goes on by itself.' },
};

/** What asks first, because it ends something. */
const QUESTIONS: Partial<Record<Step, string>> = {
  close:
    'Its window ends now. Every folder is listed once more, missed messages go on the queue, and a report follows.',
  cancel:
    'It ends without a report. Messages that are on the queues go on by themselves. It can be resumed.',
};

const asked = signal<{ id: string; step: Step }>();

/** What an operator can do with a session, by its status. */
export function SessionActions({ session }: { session: SessionView }) {
  const { id, name } = session;
  const question = asked.value?.id === id ? asked.value.step : undefined;
  return (
    <span class="actions">
      {stepsOf(session).map((step) => (
        <button
          key={step}
          type="button"
          onClick={() => {
            if (QUESTIONS[step]) asked.value = { id, step };
            else void take(session, step);
          }}
        >
          {STEPS[step].label}
          <span class="sr"> {name}</span>
        </button>
      ))}
      {question && (
        <AskDialog
          title={`${STEPS[question].label} “${name}”?`}
          confirm={`${STEPS[question].label} session`}
          onClose={() => {
            asked.value = undefined;
          }}
          onConfirm={() => take(session, question)}
        >
          <p>{QUESTIONS[question]}</p>
        </AskDialog>
      )}
    </span>
  );
}

function stepsOf({ status, paused }: SessionView): Step[] {
  if (status === 'finished' || status === 'incomplete') return [];
  if (status === 'cancelled') return ['resume'];
  const rest: Step = paused ? 'resume' : 'pause';
  return status === 'open' ? [rest, 'close', 'cancel'] : [rest, 'cancel'];
}

async function take({ id, name }: SessionView, step: Step): Promise<void> {
  const answer = await callApi(`POST /sessions/:id/${step}`, { params: { id } });
  if (answer.ok) tell('done', `“${name}” ${STEPS[step].done}`);
  else tell('refused', answer.why);
}
