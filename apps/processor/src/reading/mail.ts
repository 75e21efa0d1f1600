import type { Attachment, MessageMetadata } from '@ms1/contracts';

/** A message that is wanted, and what is known of it. */
export interface MailRef {
  mailboxId: string;
  /** where it was noticed; undefined: nobody knows */
  folderId: string | undefined;
  messageId: string;
  /** RFC 3339 */
  noticedAt: string;
  /** what a session asks for makes way for new mail */
  priority: 'live' | 'backfill';
  /** where its job carried it */
  metadata: MessageMetadata | undefined;
}

/** What the record of a message is made of. */
export interface Mail {
  metadata: MessageMetadata;
  attachments: Attachment[];
}

/** The same as a page told it: without metadata where it was not asked for, or not whole. */
export interface PageMail {
  metadata: MessageMetadata | null;
  attachments: Attachment[];
}

/** One listing for all of its messages. */
export function placeOf({ mailboxId, folderId = '' }: MailRef): string {
  return `${mailboxId} ${folderId}`;
}
