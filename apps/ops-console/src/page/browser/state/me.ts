import type { AnswerOf } from '@ms1/console-api';
import { computed, signal } from '@preact/signals';

import { callApi } from './call-api.ts';

const me = signal<AnswerOf<'GET /me'>>();

/** ms between looks, so that a login that ended is noticed on a page that nobody touches. */
const EVERY_MS = 60_000;

export const loggedOut = signal(false);

/** Whether to offer what changes something. Who may not is refused by the console, whatever is offered. */
export const mayAct = computed(() => me.value?.role === 'operator' || me.value?.role === 'admin');

/** Whether this console shows its user what is in mail; undefined while it is not known. */
export const mailShown = computed(() => me.value?.mail);

export const role = computed(() => me.value?.role);

export function watchMe(): void {
  const look = async (): Promise<void> => {
    const answer = await callApi('GET /me');
    loggedOut.value = !answer.ok && answer.status === 401;
    if (answer.ok) me.value = answer.body;
  };
  setInterval(() => void look(), EVERY_MS);
  void look();
}
