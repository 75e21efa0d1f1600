import {
  type Address,
  type MessageRecord,
  OUTBOUND_BYTES_MAX,
  type Truncated,
} from '@ms1/contracts';

/** JSON around the record in a payload: {"v":1,"record":} */
const AROUND_BYTES = 20;
/** `,"truncated":[...]` with all 11 names in it is 141 bytes. */
const MARK_BYTES = 160;
const RECORD_BYTES_MAX = OUTBOUND_BYTES_MAX - AROUND_BYTES;
/**
 * What a record is kept to by cutting recipients, of which lists have thousands: Redis holds each until MS4
 * has it, a backlog of 100,000 in 0.8 GB. Attachments may take it above that.
 */
const LEAN_BYTES = 8_192 - AROUND_BYTES;
/** Recipients that stay whatever else is in the record: about 30 of them. */
const RECIPIENT_BYTES_MIN = 2_048;
/** UTF-16 units of a text. Exchange keeps subjects to 255 and mail its lines to 998, so only what is broken is cut. */
const TEXT_LENGTH_MAX = 1_024;

const TEXTS = ['internetMessageId', 'conversationId', 'subject', 'bodyPreview'] as const;

/**
 * The record as it fits a payload of `outbound`, with the members that were cut in `truncated`. In this order:
 * texts to 1,024 characters (a longer link is left away); recipients, when all is above 8 KB, from the
 * end of cc, then of reply-to, then of to, as far as that helps and never below 2 KB; attachments, when all
 * is above 64 KB, those that cannot be invoices first, from the end.
 *
 * The same record always becomes the same bytes.
 */
export function fitRecord(record: MessageRecord): MessageRecord {
  // Nearly all records, of which no copy is made to find out.
  if (!hasLongText(record) && bytesOf(record) <= LEAN_BYTES) return record;
  const fit = cutTexts(record);
  if (bytesOf(fit) > LEAN_BYTES) {
    cutRecipients(fit, LEAN_BYTES - MARK_BYTES);
    if (bytesOf(fit) > RECORD_BYTES_MAX - MARK_BYTES) cutAttachments(fit);
  }
  const truncated = (Object.keys(fit) as (keyof MessageRecord)[]).filter(
    (member): member is Truncated => fit[member] !== record[member],
  );
  return truncated.length === 0 ? record : { ...fit, truncated };
}

/** Whether {@link cutTexts} would cut any. */
function hasLongText(record: MessageRecord): boolean {
  const { from, sender, to, cc, replyTo, webLink, attachments } = record;
  return (
    isLong(webLink) ||
    TEXTS.some((name) => isLong(record[name])) ||
    isLongAddress(from) ||
    isLongAddress(sender) ||
    to.some(isLongAddress) ||
    cc.some(isLongAddress) ||
    replyTo.some(isLongAddress) ||
    attachments.some(({ name, contentType }) => isLong(name) || isLong(contentType))
  );
}

function isLong(text: string | null | undefined): boolean {
  return (text?.length ?? 0) > TEXT_LENGTH_MAX;
}

function isLongAddress(address: Address | null): boolean {
  return isLong(address?.address) || isLong(address?.name);
}

/** A copy; what is not cut in it is the very same value. */
function cutTexts(record: MessageRecord): MessageRecord {
  const fit = { ...record };
  for (const name of TEXTS) fit[name] = cutText(fit[name]);
  if (isLong(fit.webLink)) fit.webLink = null;
  for (const name of ['from', 'sender'] as const) fit[name] = fit[name] && cutAddress(fit[name]);
  for (const name of ['to', 'cc', 'replyTo'] as const) fit[name] = mapSame(fit[name], cutAddress);
  fit.attachments = mapSame(fit.attachments, (attachment) => {
    const name = cutText(attachment.name);
    const contentType = cutText(attachment.contentType ?? null);
    const isSame = name === attachment.name && contentType === (attachment.contentType ?? null);
    return isSame ? attachment : { ...attachment, name, contentType };
  });
  return fit;
}

function cutRecipients(record: MessageRecord, bytesMax: number): void {
  const lists = ['cc', 'replyTo', 'to'] as const;
  const sizes = lists.map((name) => bytesOf(record[name]));
  const recipients = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const room = Math.max(bytesMax - (bytesOf(record) - recipients), RECIPIENT_BYTES_MIN);
  let excess = recipients - room;
  for (const name of lists) {
    if (excess <= 0) return;
    const kept = [...record[name]];
    while (excess > 0) {
      const last = kept.pop();
      if (!last) break;
      // its JSON, and the comma before it
      excess -= bytesOf(last) + (kept.length > 0 ? 1 : 0);
    }
    if (kept.length < record[name].length) record[name] = kept;
  }
}

function cutAttachments(record: MessageRecord): void {
  let excess = bytesOf(record) - (RECORD_BYTES_MAX - MARK_BYTES);
  const kept = new Set(record.attachments);
  const fromTheEnd = record.attachments.toReversed();
  const order = [
    ...fromTheEnd.filter(({ invoiceCandidate }) => !invoiceCandidate),
    ...fromTheEnd.filter(({ invoiceCandidate }) => invoiceCandidate),
  ];
  for (const attachment of order) {
    if (excess <= 0) break;
    kept.delete(attachment);
    excess -= bytesOf(attachment) + (kept.size > 0 ? 1 : 0);
  }
  record.attachments = [...kept];
}

function cutAddress(address: Address): Address {
  if (!isLongAddress(address)) return address;
  const { address: mailbox, name } = address;
  return { address: cutText(mailbox), name: cutText(name ?? null) };
}

/** Half of a surrogate pair is left away with the rest. */
function cutText(text: string | null): string | null {
  if (text === null || text.length <= TEXT_LENGTH_MAX) return text;
  return text.slice(0, TEXT_LENGTH_MAX).replace(/[\uD800-\uDBFF]$/, '');
}

/** The list itself where nothing in it changes. */
function mapSame<T>(list: T[], change: (value: T) => T): T[] {
  const changed = list.map(change);
  return changed.some((value, index) => value !== list[index]) ? changed : list;
}

function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
