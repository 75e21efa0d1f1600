import { z } from 'zod';

const Person = z.object({ name: z.string(), address: z.string() });

const AttachmentOverride = z.object({
  name: z.string().nullable(),
  kind: z.enum(['file', 'item', 'reference']).default('file'),
  contentType: z.string().nullable().default('application/pdf'),
  /** bytes */
  size: z.int().min(0).default(48_000),
  isInline: z.boolean().default(false),
});

/** Properties that a test chooses for a message it injects; the generator makes up the rest. */
export const MessageOverrides = z.strictObject({
  internetMessageId: z.string().optional(),
  subject: z.string().nullable().optional(),
  from: Person.nullable().optional(),
  /** default from */
  sender: Person.nullable().optional(),
  to: z.array(Person).optional(),
  cc: z.array(Person).optional(),
  replyTo: z.array(Person).optional(),
  bodyPreview: z.string().max(255).optional(),
  importance: z.enum(['low', 'normal', 'high']).optional(),
  isDraft: z.boolean().optional(),
  /** a meeting's message, as Graph calls it */
  odataType: z.enum(['eventMessage', 'eventMessageRequest', 'eventMessageResponse']).optional(),
  attachments: z.array(AttachmentOverride).optional(),
  /** written by its sender, who may write anything: even what Exchange writes */
  headers: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  /** Exchange's own `Authentication-Results`; null: none. Not given: it says that the domain of From has sent it */
  authenticationResults: z.string().nullable().optional(),
});
export type MessageOverrides = z.infer<typeof MessageOverrides>;
