import type { AnswerOf } from '@ms1/console-api';
import { signal } from '@preact/signals';

import { callApi } from './call-api.ts';

type Named = Pick<AnswerOf<'GET /mailboxes'>[number], 'mailboxId' | 'label'>;

/** Every mailbox that is not removed, by its label, to choose one of them. */
export const mailboxes = signal<readonly Named[]>([]);

/** Mailboxes of a page of the API. */
const LIMIT = '500';

export async function loadMailboxes(): Promise<void> {
  const all: Named[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: LIMIT, ...(cursor !== undefined && { cursor }) };
    const answer = await callApi('GET /mailboxes', { query });
    if (!answer.ok) return;
    all.push(...answer.body);
    cursor = answer.next;
  } while (cursor !== undefined);
  mailboxes.value = all.toSorted((a, b) => a.label.localeCompare(b.label));
}
