import { z } from 'zod';

/** The record of the same Internet Message-ID that was prepared first: a link, since anybody can write one. Since 0.2. */
export const SameAs = z.object({
  /** its message key */
  key: z.string().min(16).max(128),
  mailbox: z.string(),
});
export type SameAs = z.infer<typeof SameAs>;
