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

const Attachment = z.strictObject({
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
  unreadable: z.array(z.string()).optional(),
});

const RecordVersion1 = z.strictObject({
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
  unreadable: z.array(z.string()).optional(),
  truncated: z
    .array(
      z.enum([
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
      ]),
    )
    .optional(),
});

const Container = z.object({
  format: z.enum(['item', 'eml', 'msg', 'archive', 'p7m', 'p7s', 'tnef', 'rpmsg', 'pgp']),
  inside: z.enum(['message', 'files', 'file', 'signature']),
});

const result = text(0, 32).optional();

const RecordVersion2 = RecordVersion1.extend({
  schemaVersion: z.literal(2),
  attachments: z.array(Attachment.extend({ container: Container.optional() })),
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
  authentication: z
    .object({
      verdict: z.enum(['pass', 'fail', 'none']).optional(),
      compauth: result,
      reason: z
        .string()
        .regex(/^[0-9]{3}$/)
        .optional(),
      spf: result,
      dkim: result,
      dmarc: result,
      domain: text(0, 255).nullish(),
    })
    .optional(),
  flags: z
    .array(text(0, 64))
    .max(16)
    .refine((flags) => new Set(flags).size === flags.length, 'has one twice')
    .optional(),
  sameAs: z.object({ key: text(16, 128), mailbox: z.string() }).optional(),
});

/** Of either version: what is not of the one that it names, it may not have. */
export const StoredRecord = z.discriminatedUnion('schemaVersion', [RecordVersion1, RecordVersion2]);
export type StoredRecord = z.infer<typeof StoredRecord>;

/** The envelope. Items are judged one by one afterwards: they are independent. */
export const BatchEnvelope = z.object({
  batchId: text(1, 128),
  items: z.array(z.unknown()).min(1).max(1_000),
});
