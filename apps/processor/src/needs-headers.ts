import type { MailKind, MessageRules } from '@ms1/contracts';

/** Kinds that a message may turn out to be of by its headers, which without them is `mail`. */
const BY_HEADERS: readonly MailKind[] = [
  'bounce',
  'receipt',
  'auto_reply',
  'encrypted',
  'signed',
  'list',
];

/** Whether what the headers of a message say decides if it is taken: they are more than all else that is asked for. */
export function needsHeaders({ senders, kinds }: MessageRules): boolean {
  if (senders?.allow && senders.unauthenticated !== 'accept') return true;
  const isMailTaken = kinds?.includes('mail');
  return BY_HEADERS.some((kind) => kinds?.includes(kind) !== isMailTaken);
}
