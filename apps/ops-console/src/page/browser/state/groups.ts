import type { AnswerOf } from '@ms1/console-api';
import { effect, signal } from '@preact/signals';

import { callApi } from './call-api.ts';
import { overview } from './overview.ts';

export type Group = AnswerOf<'GET /dead-letters/groups'>[number];

/** Every group of dead letters as it was last asked for; undefined before the first answer. */
export const groups = signal<readonly Group[]>();
/** why the last question had no answer */
export const groupsTrouble = signal<string>();

/** Asks anew: what is shown together was counted together. */
export async function loadGroups(): Promise<void> {
  const answer = await callApi('GET /dead-letters/groups');
  if (answer.ok) groups.value = answer.body;
  groupsTrouble.value = answer.ok ? undefined : answer.why;
}

/** Keeps them up to date for as long as a view shows them. */
export function watchGroups(): () => void {
  let seen = '';
  return effect(() => {
    const { total, snoozed, asOf } = overview.value?.deadLetters ?? {};
    const now = `${total} ${snoozed} ${asOf}`;
    if (now === seen) return;
    seen = now;
    void loadGroups();
  });
}
