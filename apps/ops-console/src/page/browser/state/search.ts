import type { AnswerOf } from '@ms1/console-api';
import { signal } from '@preact/signals';

import { callApi } from './call-api.ts';

type Answer = AnswerOf<'POST /find'>;
export type FoundMessage = Answer['messages'][number];

/** What is known of whoever looks: words, what kind of words they are, where, and when. */
export interface Wanted {
  text: string;
  kind: Kind;
  mailboxId: string;
  /** days, `2026-11-25`; empty: any */
  from: string;
  to: string;
}

export const KINDS = {
  any: 'Whatever fits',
  key: 'Message key',
  messageId: 'Graph id',
  internetMessageId: 'Message-ID',
  sender: 'Sender',
  subject: 'Words of the subject',
} as const;
export type Kind = keyof typeof KINDS;

export interface Found extends Answer {
  /** what was compared, in each way in which the words were understood */
  by: string[];
}

export const wanted = signal<Wanted>({ text: '', kind: 'any', mailboxId: '', from: '', to: '' });

export const found = signal<
  | { state: 'idle' }
  | { state: 'looking' }
  | { state: 'refused'; why: string }
  | ({ state: 'found' } & Found)
>({ state: 'idle' });

/** Messages shown of what was found. */
const SHOWN = 50;

/** What words may be, the likeliest first. */
function guess(text: string): Exclude<Kind, 'any'>[] {
  const isOneWord = !/\s/.test(text);
  if (isOneWord && /^<.+>$/.test(text)) return ['internetMessageId'];
  if (isOneWord && text.includes('@')) return ['sender', 'internetMessageId'];
  if (/^[\w-]{22}$/.test(text)) return ['key', 'subject'];
  if (isOneWord && /^[\w=-]{60,}$/.test(text)) return ['messageId'];
  return ['subject'];
}

/** Looks for it, in the ways its words may be meant, until one finds something. */
export async function search(): Promise<Found | undefined> {
  const { text, kind, mailboxId, from, to } = wanted.value;
  const words = text.trim();
  if (words === '' && mailboxId === '') return undefined;
  found.value = { state: 'looking' };
  const where = {
    ...(mailboxId !== '' && { mailboxId }),
    ...(from !== '' && { from: new Date(`${from}T00:00:00`).toISOString() }),
    ...(to !== '' && { to: new Date(`${to}T23:59:59`).toISOString() }),
  };
  const meanings = words === '' ? (['mailbox'] as const) : kind === 'any' ? guess(words) : [kind];
  let last: Found | undefined;
  const by: string[] = [];
  for (const as of meanings) {
    const answer = await callApi('POST /find', {
      body: { ...where, ...(as !== 'mailbox' && { [as]: words }), limit: SHOWN },
    });
    if (!answer.ok) {
      found.value = { state: 'refused', why: answer.why };
      return undefined;
    }
    by.push(...answer.body.searched.by);
    last = { ...answer.body, by };
    if (last.total > 0) break;
  }
  if (last) found.value = { state: 'found', ...last };
  return last;
}
