import { z } from 'zod';

/** What a mail is, apart from what it is about (docs/mail.md#kinds-of-mail). The ledger's reasons hold these: never renamed. */
export const MailKind = z.enum([
  'mail',
  'auto_reply',
  'bounce',
  'meeting',
  'receipt',
  'encrypted',
  'signed',
  'list',
  'draft',
]);
export type MailKind = z.infer<typeof MailKind>;
