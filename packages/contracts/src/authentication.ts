import { z } from 'zod';

/**
 * What the mail server found out about who sent a mail (docs/mail.md#who-sent-it). Results are the words of its header, and
 * absent where it says nothing. Since 0.2.
 */
export const Authentication = z.object({
  /** pass: the domain of the From address has sent it; fail: it has not; none: nobody can tell */
  verdict: z.enum(['pass', 'fail', 'none']),
  /** the domain of the From address, where it has sent it */
  domain: z.string().max(255).nullable(),
  spf: z.enum(['pass', 'fail', 'softfail', 'neutral', 'none', 'temperror', 'permerror']).optional(),
  dkim: z.enum(['pass', 'fail', 'policy', 'neutral', 'none', 'temperror', 'permerror']).optional(),
  dmarc: z.enum(['pass', 'bestguesspass', 'fail', 'none', 'temperror', 'permerror']).optional(),
  /** Microsoft's own verdict, and its code for why */
  compauth: z.enum(['pass', 'softpass', 'fail', 'none']).optional(),
  reason: z
    .string()
    .regex(/^\d{3}$/)
    .optional(),
});
export type Authentication = z.infer<typeof Authentication>;
