import { z } from 'zod';

/** A file that is made to hold others, as its type and name say: nobody has opened it. Since 0.2. */
export const Container = z.object({
  /** item: a message of Outlook's own kind; tnef: winmail.dat; p7m: signed or encrypted; p7s: a signature */
  format: z.enum(['item', 'eml', 'msg', 'archive', 'p7m', 'p7s', 'tnef', 'rpmsg', 'pgp']),
  /** what could be in it: a whole mail with its files, files, one file, or no more than a signature */
  inside: z.enum(['message', 'files', 'file', 'signature']),
});
export type Container = z.infer<typeof Container>;
