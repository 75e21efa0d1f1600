import { z } from 'zod';

/** What is odd about who sent a mail, whoever has (docs/mail.md#who-sent-it). Never renamed. Since 0.2. */
export const MailFlag = z.enum([
  'reply_to_other_domain',
  'lookalike_domain',
  'address_in_name',
  'first_mail',
]);
export type MailFlag = z.infer<typeof MailFlag>;
