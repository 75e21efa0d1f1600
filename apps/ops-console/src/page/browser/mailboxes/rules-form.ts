import type { RequestOf } from '@ms1/console-api';

import type { Mailbox } from '../state/mailboxes.ts';

export type Rules = NonNullable<NonNullable<RequestOf<'PATCH /mailboxes/:id'>['body']>['rules']>;
type Known = NonNullable<Mailbox['rules']>;
type Kind = NonNullable<Known['kinds']>[number];

/** Kinds of mail as people call them. */
export const KINDS: Record<Kind, string> = {
  mail: 'ordinary mail',
  auto_reply: 'automatic answers',
  bounce: 'reports that mail was not delivered',
  meeting: 'meeting requests',
  receipt: 'receipts that mail was read',
  encrypted: 'encrypted mail',
  signed: 'signed mail',
  list: 'mail of lists and newsletters',
  draft: 'drafts',
};

/** Rules as they are written in fields; lists have one entry a line. */
export interface RulesForm {
  allow: string;
  deny: string;
  acceptsUnauthenticated: boolean;
  any: string;
  none: string;
  files: '' | 'with' | 'without';
  /** bytes of all files; empty: no bound */
  minBytes: string;
  maxBytes: string;
  kinds: readonly Kind[];
}

/** What is taken where no rule says so: all kinds but drafts. */
const DEFAULT_KINDS = (Object.keys(KINDS) as Kind[]).filter((kind) => kind !== 'draft');

export function formOf({
  senders,
  subject,
  kinds,
  hasAttachments,
  attachmentBytes,
}: Known): RulesForm {
  return {
    allow: linesOf(senders?.allow),
    deny: linesOf(senders?.deny),
    acceptsUnauthenticated: senders?.unauthenticated === 'accept',
    any: linesOf(subject?.any),
    none: linesOf(subject?.none),
    files: hasAttachments === undefined ? '' : hasAttachments ? 'with' : 'without',
    minBytes: String(attachmentBytes?.min ?? ''),
    maxBytes: String(attachmentBytes?.max ?? ''),
    kinds: kinds ?? DEFAULT_KINDS,
  };
}

/** Without what restricts nothing. */
export function rulesOf(form: RulesForm): Rules {
  const senders = {
    ...listOf('allow', form.allow),
    ...listOf('deny', form.deny),
    ...(form.acceptsUnauthenticated && { unauthenticated: 'accept' as const }),
  };
  const subject = { ...listOf('any', form.any), ...listOf('none', form.none) };
  const attachmentBytes = { ...numberOf('min', form.minBytes), ...numberOf('max', form.maxBytes) };
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => form.kinds.includes(kind));
  return {
    ...some('senders', senders),
    ...some('subject', subject),
    ...(kinds.join() !== DEFAULT_KINDS.join() && { kinds }),
    ...(form.files !== '' && { hasAttachments: form.files === 'with' }),
    ...some('attachmentBytes', attachmentBytes),
  };
}

const linesOf = (list: readonly string[] = []): string => list.join('\n');

function listOf<N extends string>(name: N, lines: string): { [P in N]?: string[] } {
  const list = lines.split('\n').flatMap((line) => line.trim() || []);
  return list.length > 0 ? ({ [name]: list } as { [P in N]?: string[] }) : {};
}

function numberOf<N extends string>(name: N, text: string): { [P in N]?: number } {
  return text.trim() === '' ? {} : ({ [name]: Number(text) } as { [P in N]?: number });
}

function some<N extends string, T extends object>(name: N, part: T): { [P in N]?: T } {
  return Object.keys(part).length > 0 ? ({ [name]: part } as { [P in N]?: T }) : {};
}
