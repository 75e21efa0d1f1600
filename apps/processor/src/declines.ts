import type { Attachment, MessageMetadata, MessageRules } from '@ms1/contracts';

/** Why a rule declines a message; the ledger keeps it, so a reason is never renamed. */
export type DeclineReason =
  | 'rule_sender'
  | 'rule_subject'
  | 'rule_no_attachments'
  | 'rule_attachments'
  | 'rule_size';

/**
 * Why the rules of its mailbox decline a message as far as its metadata tells, which is before anything is
 * asked of Graph for its attachments; null when they do not. What could not be read declines nothing.
 */
export function declinesMetadata(
  { senders, subject, hasAttachments, attachmentBytes }: MessageRules,
  metadata: MessageMetadata,
): DeclineReason | null {
  const { unreadable = [], hasAttachments: has } = metadata;
  const isKnown = (...names: string[]): boolean => !names.some((name) => unreadable.includes(name));
  if (senders && isKnown('from', 'sender') && declinesSender(senders, metadata)) {
    return 'rule_sender';
  }
  if (subject && isKnown('subject') && declinesSubject(subject, metadata.subject ?? '')) {
    return 'rule_subject';
  }
  if (has === null) return null;
  // Without attachments their size is known without asking.
  const tooSmall = !has && (attachmentBytes?.min ?? 0) > 0;
  return declinesHaving(hasAttachments, has) ?? (tooSmall ? 'rule_size' : null);
}

/** The same as far as only the attachments tell. */
export function declinesAttachments(
  { hasAttachments, attachmentBytes }: MessageRules,
  attachments: readonly Attachment[],
  metadata: Pick<MessageMetadata, 'hasAttachments'>,
): DeclineReason | null {
  // Graph counts those that are not inline; where it did not say, the list does.
  const has = metadata.hasAttachments ?? attachments.some(({ isInline }) => !isInline);
  const declined = declinesHaving(hasAttachments, has);
  if (declined !== null || !attachmentBytes) return declined;
  const { min = 0, max = Number.POSITIVE_INFINITY } = attachmentBytes;
  const bytes = attachments.reduce((sum, { size = 0 }) => sum + size, 0);
  return bytes < min || bytes > max ? 'rule_size' : null;
}

function declinesHaving(wanted: boolean | undefined, has: boolean): DeclineReason | null {
  if (wanted === undefined || wanted === has) return null;
  return wanted ? 'rule_no_attachments' : 'rule_attachments';
}

/** By the From address; a message without one is nobody on a list. */
function declinesSender(
  { allow, deny }: NonNullable<MessageRules['senders']>,
  { from, sender }: MessageMetadata,
): boolean {
  const address = (from?.address ?? sender?.address ?? '').trim().toLowerCase();
  const domain = address.slice(address.lastIndexOf('@'));
  const isOn = (list: readonly string[]): boolean =>
    address.includes('@') && (list.includes(address) || list.includes(domain));
  return (deny !== undefined && isOn(deny)) || (allow !== undefined && !isOn(allow));
}

/** In any case, and however a letter with an accent is composed. */
function declinesSubject(
  { any, none }: NonNullable<MessageRules['subject']>,
  subject: string,
): boolean {
  const text = fold(subject);
  const has = (phrase: string): boolean => text.includes(fold(phrase));
  return (none?.some(has) ?? false) || (any !== undefined && !any.some(has));
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
