import type { AnswerOf } from '@ms1/console-api';
import { signal } from '@preact/signals';

import { callApi } from './call-api.ts';

type Found = AnswerOf<'POST /find'>;
export type FoundMessage = Found['messages'][number];

/** What is known of whoever looks: words, where, and when. */
export interface Wanted {
  text: string;
  mailboxId: string;
  /** days, `2026-11-25`; empty: any */
  from: string;
  to: string;
}

export const ANY: Wanted = { text: '', mailboxId: '', from: '', to: '' };

export const wanted = signal<Wanted>(ANY);

export const found = signal<
  | { state: 'idle' }
  | { state: 'looking' }
  | { state: 'refused'; why: string }
  | ({ state: 'found' } & Found)
>({ state: 'idle' });

/** Messages shown of what was found. */
const SHOWN = 50;

/** Looks for it. What the words are is for the console to say, who says it. */
export async function search(): Promise<Found | undefined> {
  const { text, mailboxId, from, to } = wanted.value;
  const words = text.trim();
  if (words === '' && mailboxId === '') return undefined;
  found.value = { state: 'looking' };
  const answer = await callApi('POST /find', {
    body: {
      ...(words !== '' && { text: words }),
      ...(mailboxId !== '' && { mailboxId }),
      ...(from !== '' && { from: new Date(`${from}T00:00:00`).toISOString() }),
      ...(to !== '' && { to: new Date(`${to}T23:59:59`).toISOString() }),
      limit: SHOWN,
    },
  });
  if (!answer.ok) {
    found.value = { state: 'refused', why: answer.why };
    return undefined;
  }
  found.value = { state: 'found', ...answer.body };
  return answer.body;
}
