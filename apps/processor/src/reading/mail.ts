import type { Attachment, MessageMetadata } from '@ms1/contracts';
import type { HeaderFacts } from '@ms1/graph-client';

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
  /** what only its headers tell is wanted too */
  headers: boolean;
}

/** What the record of a message is made of. */
export interface Mail {
  metadata: MessageMetadata;
  attachments: Attachment[];
}

/** The same as a page told it: without metadata where it was not asked for, or not whole. */
export interface PageMail {
  metadata: MessageMetadata | null;
  /** null: its headers were not asked for */
  facts: HeaderFacts | null;
  attachments: Attachment[];
}

/** What its headers tell is said with the rest; what the message says itself of its kind counts more. */
export function withFacts(metadata: MessageMetadata, facts: HeaderFacts | null): MessageMetadata {
  const { kind } = metadata;
  return facts ? { ...metadata, ...facts, ...(kind && { kind }) } : metadata;
}

/** One listing for all of its messages, which has headers or none. */
export function placeOf({ mailboxId, folderId = '', headers }: MailRef): string {
  return `${mailboxId} ${folderId}${headers ? ' headers' : ''}`;
}
