import type { AnswerOf } from '@ms1/console-api';
import { signal } from '@preact/signals';

import { callApi } from './call-api.ts';

export type ListedMail = AnswerOf<'GET /messages'>[number];

/** Which mail is listed; empty: all. Days are as a field of dates has them. */
export interface Filter {
  mailboxId: string;
  state: ListedMail['state'] | '';
  from: string;
  to: string;
}

export const filter = signal<Filter>({ mailboxId: '', state: '', from: '', to: '' });

export const listed = signal<{
  mail: readonly ListedMail[];
  /** where it goes on; undefined: it does not */
  next: string | undefined;
  /** how many of the last pages had none */
  without: number;
  isLooking: boolean;
  /** why there is no answer */
  trouble: string | undefined;
}>({ mail: [], next: undefined, without: 0, isLooking: true, trouble: undefined });

/** Rows of a page. */
const LIMIT = '50';
/** The last question: an answer to one before it is not shown. */
let asked = 0;

/** The filter as the API takes it. */
export function queryOf({ mailboxId, state, from, to }: Filter) {
  return {
    ...(mailboxId !== '' && { mailboxId }),
    ...(state !== '' && { state }),
    ...(from !== '' && { from: new Date(`${from}T00:00:00`).toISOString() }),
    ...(to !== '' && { to: new Date(`${to}T23:59:59`).toISOString() }),
  };
}

/** Lists from the newest on, or goes on where the list ends. */
export async function list(cursor?: string): Promise<void> {
  asked += 1;
  const mine = asked;
  const { mail: before, without } = cursor === undefined ? { mail: [], without: 0 } : listed.value;
  // The button stays where the focus is.
  listed.value = { mail: before, next: cursor, without, isLooking: true, trouble: undefined };
  const on = cursor === undefined ? {} : { cursor };
  const query = { ...queryOf(filter.value), ...on, limit: LIMIT };
  const answer = await callApi('GET /messages', { query });
  if (mine !== asked) return;
  listed.value = answer.ok
    ? {
        mail: [...before, ...answer.body],
        next: answer.next,
        without: answer.body.length === 0 ? without + 1 : 0,
        isLooking: false,
        trouble: undefined,
      }
    : { mail: before, next: undefined, without, isLooking: false, trouble: answer.why };
}
