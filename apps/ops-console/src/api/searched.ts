import type { AnswerOf } from '@ms1/console-api';
import { termsOf } from '@ms1/ledger';

import type { Meant } from './meanings.ts';

const LEDGER_NOT =
  'Nothing found says only that no message of that id was noticed in the last 35 days, not that it did not arrive.';
const INDEX_NOT =
  'Not searched: what is in a mail or in its files, amounts, other spellings, parts of a word but for its runs of digits, words after the first twelve of a subject, other days, and mail that is not prepared yet. Nothing found does not say that it did not arrive.';

export interface SearchedIn {
  /** ms since the epoch between which mail was looked for; null where its id alone decided */
  days: { from: number; to: number } | null;
  /** of the mailbox, where one was named */
  label: string | undefined;
}

/** @param tried what was looked for, in turn: the last is what the answer is of */
export function describeSearch(
  tried: readonly Meant[],
  { days, label }: SearchedIn,
): AnswerOf<'POST /find'>['searched'] {
  const { mailboxId = null } = tried[0] ?? {};
  const from = days && new Date(days.from).toISOString();
  const to = days && new Date(days.to).toISOString();
  const mailbox = mailboxId === null ? 'in all mailboxes' : `in mailbox ${label ?? mailboxId}`;
  const when = from && to ? received(from.slice(0, 10), to.slice(0, 10)) : '';
  const last = tried.at(-1);
  return {
    by: [...new Set(tried.flatMap((meant) => kindsOf(meant)))],
    understood: last ? understoodOf(last) : '',
    mailboxId,
    from,
    to,
    where: [mailbox, when].filter(Boolean).join(', '),
    not: days ? INDEX_NOT : LEDGER_NOT,
  };
}

const received = (from: string, to: string): string =>
  from === to ? `received on ${from}` : `received from ${from} to ${to}`;

function kindsOf({ key, messageId, internetMessageId, sender, words }: Meant): string[] {
  if (key !== undefined) return ['message key'];
  if (messageId !== undefined) return ['Graph id'];
  const by = [
    ...(internetMessageId === undefined ? [] : ['whole Message-ID']),
    ...(sender === undefined ? [] : ['whole address of the sender']),
    ...(words === undefined ? [] : ['words']),
  ];
  return by.length > 0 ? by : ['mailbox and day'];
}

function understoodOf({ key, messageId, internetMessageId, sender, words }: Meant): string {
  if (key !== undefined) return 'the message of this key';
  if (messageId !== undefined) return 'the message of this Graph id';
  const parts = [
    internetMessageId === undefined ? '' : `with the Message-ID “${internetMessageId}”`,
    sender === undefined ? '' : `sent by “${sender}”`,
    words === undefined ? '' : wordsIn(words),
  ].filter(Boolean);
  return parts.length > 0 ? `mail ${parts.join(', ')}` : 'all mail';
}

function wordsIn(words: string): string {
  const terms = termsOf(words).map(({ text }) => `“${text}”`);
  if (terms.length === 0) return `of no word of “${words}”: they are too short to look for`;
  return `with ${joined(terms)} in the subject, the sender’s name or domain, or the name of a file`;
}

function joined(items: readonly string[]): string {
  const [last = '', ...others] = items.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`;
}
