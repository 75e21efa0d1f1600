import { z } from 'zod';

/**
 * What MS4 accepts (packages/contracts/openapi/ms4.yaml), written down here and not taken from the system under test: a
 * field that the fleet got wrong on both sides would otherwise pass.
 */

/** JSON Schema counts code points, JavaScript UTF-16 units. */
const text = (min: number, max: number) =>
  z.string().refine((value) => {
    // Code points are counted only where they could decide: that is rare, and counting allocates.
    const certain = value.length >= 2 * min && value.length <= max;
    const points = certain ? value.length : Array.from(value).length;
    return points >= min && points <= max;
  }, `must have ${min} to ${max} characters`);

const Time = z.iso.datetime({ offset: true });

const Address = z.object({ address: z.string().nullable(), name: z.string().nullish() });

const Attachment = z.object({
  id: z.string(),
  name: z.string().nullable(),
  kind: z.enum(['file', 'item', 'reference']),
  contentType: z.string().nullish(),
  size: z.int().min(0).optional(),
  isInline: z.boolean().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullish(),
  invoiceCandidate: z.boolean().optional(),
  container: z
    .object({
      format: z.enum(['item', 'eml', 'msg', 'archive', 'p7m', 'p7s', 'tnef', 'rpmsg', 'pgp']),
      inside: z.enum(['message', 'files', 'file', 'signature']),
    })
    .optional(),
});

export const StoredRecord = z.object({
  id: text(16, 128),
  schemaVersion: z.literal(1),
  sessionId: z.string().nullish(),
  mailbox: z.string(),
  messageId: z.string(),
  internetMessageId: z.string().nullish(),
  conversationId: z.string().nullish(),
  subject: z.string().nullish(),
  from: Address.nullish(),
  sender: Address.nullish(),
  to: z.array(Address).optional(),
  cc: z.array(Address).optional(),
  replyTo: z.array(Address).optional(),
  receivedAt: Time,
  sentAt: Time.nullish(),
  importance: z.enum(['low', 'normal', 'high']).optional(),
  bodyPreview: text(0, 255).nullish(),
  webLink: z.string().nullish(),
  source: z.enum(['webhook', 'poll', 'backfill']),
  ingestedAt: Time.optional(),
  attachments: z.array(Attachment),
  kind: z
    .enum([
      'mail',
      'auto_reply',
      'bounce',
      'meeting',
      'receipt',
      'encrypted',
      'signed',
      'list',
      'draft',
    ])
    .optional(),
});
export type StoredRecord = z.infer<typeof StoredRecord>;

/** The envelope. Items are judged one by one afterwards: they are independent. */
export const BatchEnvelope = z.object({
  batchId: text(1, 128),
  items: z.array(z.unknown()).min(1).max(1_000),
});
