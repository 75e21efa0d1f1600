import type { AnswerOf } from '@ms1/console-api';
import { signal } from '@preact/signals';

import { callApi } from './call-api.ts';

export type Mailbox = AnswerOf<'GET /mailboxes'>[number];

/** All mailboxes that were not removed, as they were last asked for; undefined before the first answer. */
export const mailboxes = signal<readonly Mailbox[]>();
/** why the last question had no answer */
export const mailboxesTrouble = signal<string>();

/** Mailboxes of a question. */
const LIMIT = '500';
/** ms between two looks: 500 mailboxes are half a megabyte, and walked once a minute. */
const EVERY_MS = 15_000;
/** The last look: what one before it finds is not shown. */
let asked = 0;

export async function loadMailboxes(): Promise<void> {
  asked += 1;
  const mine = asked;
  const all: Mailbox[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
    const query = { limit: LIMIT, ...(cursor !== undefined && { cursor }) };
    const answer = await callApi('GET /mailboxes', { query });
    if (mine !== asked) return;
    mailboxesTrouble.value = answer.ok ? undefined : answer.why;
    if (!answer.ok) return;
    all.push(...answer.body);
    cursor = answer.next;
  }
  mailboxes.value = all;
}

/** Keeps them up to date for as long as a view shows them. */
export function watchMailboxes(): () => void {
  return every(EVERY_MS, loadMailboxes);
}

/** Calls now and from time to time, while somebody can see the page; ends with what it answers. */
export function every(ms: number, look: () => Promise<void>): () => void {
  void look();
  const timer = setInterval(() => document.hidden || void look(), ms);
  return () => clearInterval(timer);
}
