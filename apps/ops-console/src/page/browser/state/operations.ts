import type { AnswerOf } from '@ms1/console-api';
import { signal } from '@preact/signals';

import { counted, plain } from '../words.ts';
import { callApi } from './call-api.ts';
import { tell } from './notice.ts';

export type Operation = AnswerOf<'GET /operations/:id'>;

/** What is done with many messages just now, whoever began it. */
export const underWay = signal<readonly Operation[]>([]);

/** ms between looks while something is under way, and while nothing is known to be. */
const LOOK_MS = 500;
const IDLE_MS = 5_000;

export const ACTIONS = {
  replay: { doing: 'Replaying', done: 'replayed' },
  discard: { doing: 'Discarding', done: 'discarded' },
  'put-back': { doing: 'Putting back', done: 'put back' },
} as const;

/** Keeps what is under way up to date for as long as a view shows it. */
export function watchOperations(): () => void {
  let timer = 0;
  let isShown = true;
  const look = async (): Promise<void> => {
    const answer = await callApi('GET /operations');
    if (!isShown) return;
    if (answer.ok) underWay.value = answer.body;
    timer = setTimeout(() => void look(), underWay.value.length > 0 ? LOOK_MS : IDLE_MS);
  };
  void look();
  return () => {
    isShown = false;
    clearTimeout(timer);
  };
}

/** Tells that it has begun, and what came of it once it has ended. */
export async function follow(begun: Operation): Promise<void> {
  const { id, action, matched } = begun;
  underWay.value = [...underWay.value.filter((one) => one.id !== id), begun];
  tell('done', `${ACTIONS[action].doing} ${counted(matched, 'message')} …`);
  let operation = begun;
  while (operation.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const look = await callApi('GET /operations/:id', { params: { id } });
    if (!look.ok) {
      tell('refused', look.why);
      return;
    }
    operation = look.body;
    const ofIt = operation;
    underWay.value = underWay.value.map((one) => (one.id === id ? ofIt : one));
  }
  underWay.value = underWay.value.filter((one) => one.id !== id);
  tell(operation.failed > 0 ? 'refused' : 'done', endInWords(operation));
}

export async function stop(id: string): Promise<void> {
  const answer = await callApi('POST /operations/:id/cancel', { params: { id } });
  if (!answer.ok) tell('refused', answer.why);
}

function endInWords({ action, done, gone, lost, failures, status }: Operation): string {
  const failed = Object.entries(failures).map(
    ([code, count]) => `${counted(count, 'was', 'were')} not: ${plain(code).toLowerCase()}`,
  );
  return [
    `${status === 'cancelled' ? 'Stopped: ' : ''}${counted(done, 'message')} ${ACTIONS[action].done}`,
    ...(gone > 0 ? [`${counted(gone, 'was', 'were')} handled by somebody else`] : []),
    ...(lost > 0
      ? [`${counted(lost, 'had', 'had')} lost its data and waits to be noticed again`]
      : []),
    ...failed,
  ].join('; ');
}
