import { type Attachment, foldText, type MailKind, type MessageMetadata } from '@ms1/contracts';

import { exactKeys, type FoldedRules, isOn, looseKeys } from './fold-rules.ts';

/** Why a rule declines a message; the ledger keeps it, so a reason is never renamed. */
export type DeclineReason =
  | `rule_kind_${MailKind}`
  | 'rule_sender'
  | 'rule_sender_unauthenticated'
  | 'rule_subject'
  | 'rule_no_attachments'
  | 'rule_attachments'
  | 'rule_size';

/**
 * Why the rules of its mailbox decline a message as far as its metadata tells, which may be before anything is
 * asked of Graph; null when they do not. What could not be read declines nothing.
 */
export function declinesMetadata(
  { kinds, senders, subject }: FoldedRules,
  metadata: MessageMetadata,
): DeclineReason | null {
  const declined = metadata.kind ? declinesKind({ kinds }, metadata.kind) : null;
  if (declined) return declined;
  const { unreadable = [] } = metadata;
  const isKnown = (...names: string[]): boolean => !names.some((name) => unreadable.includes(name));
  if (senders && isKnown('from', 'sender') && declinesSender(senders, metadata)) {
    return 'rule_sender';
  }
  return subject && isKnown('subject') && declinesSubject(subject, metadata.subject ?? '')
    ? 'rule_subject'
    : null;
}

/**
 * Whoever is allowed must have sent it: a From address is anybody's text. What the headers say, so it is known only once
 * they are read.
 */
export function declinesUnauthenticated(
  { senders }: Pick<FoldedRules, 'senders'>,
  { authentication }: Pick<MessageMetadata, 'authentication'>,
): DeclineReason | null {
  if (!senders?.allow || senders.unauthenticated === 'accept') return null;
  return authentication?.verdict === 'pass' ? null : 'rule_sender_unauthenticated';
}

/** Nobody has received a draft. */
const NOT_TAKEN: readonly MailKind[] = ['draft'];

/** By what it is, which is known for certain once its files and headers are. */
function declinesKind({ kinds }: Pick<FoldedRules, 'kinds'>, kind: MailKind): DeclineReason | null {
  const isTaken = kinds ? kinds.includes(kind) : !NOT_TAKEN.includes(kind);
  return isTaken ? null : `rule_kind_${kind}`;
}

/**
 * The same as far as only its files tell: Graph's `hasAttachments` leaves out all that are inline, and some programs mark
 * every file so (docs/graph-contract.md#message-properties).
 */
export function declinesAttachments(
  { hasAttachments, attachmentBytes }: FoldedRules,
  attachments: readonly Attachment[],
): DeclineReason | null {
  const has = attachments.some(({ isInline, invoiceCandidate }) => !isInline || invoiceCandidate);
  if (hasAttachments === true && !has) return 'rule_no_attachments';
  if (hasAttachments === false && has) return 'rule_attachments';
  if (!attachmentBytes) return null;
  const { min = 0, max = Number.POSITIVE_INFINITY } = attachmentBytes;
  const bytes = attachments.reduce((sum, { size = 0 }) => sum + size, 0);
  return bytes < min || bytes > max ? 'rule_size' : null;
}

/** By the From address; a message without one is nobody on a list. */
function declinesSender(
  { allow, deny }: NonNullable<FoldedRules['senders']>,
  { from, sender }: MessageMetadata,
): boolean {
  const address = from?.address ?? sender?.address ?? '';
  return (
    (deny !== undefined && isOn(deny, looseKeys(address))) ||
    (allow !== undefined && !isOn(allow, exactKeys(address)))
  );
}

function declinesSubject(
  { any, none }: NonNullable<FoldedRules['subject']>,
  subject: string,
): boolean {
  const text = foldText(subject);
  const has = (phrase: string): boolean => text.includes(phrase);
  return (none?.some(has) ?? false) || (any !== undefined && !any.some(has));
}
