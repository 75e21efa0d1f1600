import { z } from 'zod';

import { Authentication } from './authentication.ts';
import { Container } from './container.ts';
import { MailFlag } from './mail-flag.ts';
import { MailKind } from './mail-kind.ts';
import { SameAs } from './same-as.ts';

/** Where a message was noticed (packages/contracts/openapi/ms4.yaml, MessageRecord.source). */
export const MessageSource = z.enum(['webhook', 'poll', 'backfill']);
export type MessageSource = z.infer<typeof MessageSource>;

export const Address = z.object({
  address: z.string().nullable(),
  name: z.string().nullish(),
});
export type Address = z.infer<typeof Address>;

export const Attachment = z.object({
  id: z.string(),
  name: z.string().nullable(),
  kind: z.enum(['file', 'item', 'reference']),
  contentType: z.string().nullish(),
  /** bytes */
  size: z.int().min(0).optional(),
  isInline: z.boolean().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullish(),
  /** could this file be an invoice, hold one, or lead to one (docs/mail.md#files) */
  invoiceCandidate: z.boolean().optional(),
  container: Container.optional(),
  /** members that could not be read and are left out; since 0.2 */
  unreadable: z.array(z.string()).optional(),
});
export type Attachment = z.infer<typeof Attachment>;

/**
 * What a folder listing or a delta page already says about a message: everything in the record but
 * its identity and its attachments. Times are RFC 3339 UTC.
 */
export const MessageMetadata = z.object({
  internetMessageId: z.string().nullable(),
  conversationId: z.string().nullable(),
  subject: z.string().nullable(),
  from: Address.nullable(),
  sender: Address.nullable(),
  to: z.array(Address),
  cc: z.array(Address),
  replyTo: z.array(Address),
  receivedAt: z.iso.datetime(),
  sentAt: z.iso.datetime().nullable(),
  importance: z.enum(['low', 'normal', 'high']),
  bodyPreview: z.string().max(255).nullable(),
  webLink: z.string().nullable(),
  /**
   * Graph says false when there are only inline attachments (docs/graph-contract.md#message-properties). null: it does
   * not say, so somebody looks; never in a job, because processors before 0.2 cannot read it
   */
  hasAttachments: z.boolean().nullable(),
  /** what the message itself says that it is, whatever its files; absent where it says nothing. Since 0.2 */
  kind: MailKind.optional(),
  /** who sent it, as far as its headers were asked for; since 0.2 */
  authentication: Authentication.optional(),
  /** members of Graph's message that could not be read, or not whole; since 0.2 */
  unreadable: z.array(z.string()).optional(),
});
export type MessageMetadata = z.infer<typeof MessageMetadata>;

/** Members of a record that may be shorter than in the mailbox. */
export const Truncated = z.enum([
  'internetMessageId',
  'conversationId',
  'subject',
  'from',
  'sender',
  'to',
  'cc',
  'replyTo',
  'bodyPreview',
  'webLink',
  'attachments',
]);
export type Truncated = z.infer<typeof Truncated>;

/**
 * The metadata of one ingested email as it waits for MS4, which gets it in the version of its contract
 * (packages/contracts/openapi/ms4.yaml, MessageRecord).
 */
export const MessageRecord = MessageMetadata.omit({ hasAttachments: true }).extend({
  /** the message key: MS4 stores a record id once, however often it is sent */
  id: z.string().min(16).max(128),
  schemaVersion: z.literal(1),
  sessionId: z.string().nullable(),
  mailbox: z.string(),
  messageId: z.string(),
  source: MessageSource,
  ingestedAt: z.iso.datetime(),
  attachments: z.array(Attachment),
  /** what it is, its files considered; since 0.2 */
  kind: MailKind.optional(),
  /** what is odd about its sender; absent where nothing is. Since 0.2 */
  flags: z.array(MailFlag).optional(),
  /** absent where nobody has seen its Internet Message-ID before */
  sameAs: SameAs.optional(),
  /** what did not fit and was cut; absent when nothing was. Since 0.2 */
  truncated: z.array(Truncated).optional(),
});
export type MessageRecord = z.infer<typeof MessageRecord>;
