import { z } from 'zod';

import { foldText } from './fold-text.ts';
import { MailKind } from './mail-kind.ts';

/** An address, or `@domain` for everybody of a domain (not of its subdomains). Kept in lower case. */
const Sender = z
  .string()
  .trim()
  .toLowerCase()
  .max(320)
  .regex(/^[^\s@]*@[^\s@]+$/, 'must be an address, or @domain');

/** With something that can be seen, or it would be in every subject. */
const Phrase = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((phrase) => foldText(phrase) !== '', 'must have text that can be seen');

/** As many as a person keeps in order; each message is held against all of them. */
const LIST_MAX = 500;

/**
 * Which messages of a mailbox are taken. What is left out restricts nothing, and a message must satisfy
 * everything that is given. A message that does not is skipped with a reason, and stays accounted for.
 */
export const MessageRules = z.strictObject({
  /**
   * by the From address, as it reads; `deny` wins; with `allow`, nobody else. Anybody can write a From address: who is
   * allowed must have been authenticated, unless whoever is not is accepted too
   */
  senders: z
    .strictObject({
      allow: z.array(Sender).min(1).max(LIST_MAX).optional(),
      deny: z.array(Sender).min(1).max(LIST_MAX).optional(),
      unauthenticated: z.literal('accept').optional(),
    })
    .optional(),
  /** by text within the subject, as it reads: at least one of `any`, and none of `none` */
  subject: z
    .strictObject({
      any: z.array(Phrase).min(1).max(LIST_MAX).optional(),
      none: z.array(Phrase).min(1).max(LIST_MAX).optional(),
    })
    .optional(),
  /** kinds of mail that are taken; default all but drafts, which were never received */
  kinds: z.array(MailKind).min(1).optional(),
  /** by the list of its files, where one that is inline counts if it could be an invoice */
  hasAttachments: z.boolean().optional(),
  /**
   * bytes of all attachments together, bounds included. Graph's message has no size property, so the
   * size of a message means its attachments; one without any has 0.
   */
  attachmentBytes: z
    .strictObject({ min: z.int().min(0).optional(), max: z.int().min(0).optional() })
    .refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
      error: 'min must not be above max',
    })
    .optional(),
});
export type MessageRules = z.infer<typeof MessageRules>;
