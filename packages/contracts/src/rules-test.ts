import { z } from 'zod';

/** What the rules say of one message that is in the mailbox. No content of it. */
const TestedMessage = z.object({
  key: z.string(),
  folderId: z.string(),
  /** RFC 3339; null where it could not be read */
  receivedAt: z.string().nullable(),
  /** opens it in Outlook, for whoever may read the mailbox; null where there is none, or not for the role that asks */
  webLink: z.string().nullable(),
  /** the reason of each rule that declines it, by itself; the first is the one that the ledger would be given */
  declinedBy: z.array(z.string()),
  /** why Graph did not give it: then nothing is known of it */
  unread: z.string().nullable(),
  /** how it stands in the ledger now, and why where there is a reason; null: it does not know it */
  now: z.string().nullable(),
});
export type TestedMessage = z.infer<typeof TestedMessage>;

/** What the rules of a mailbox would have done with its latest mail. */
export const RulesTestResult = z.object({
  /** RFC 3339 */
  at: z.string(),
  tested: z.int().min(0),
  taken: z.int().min(0),
  unread: z.int().min(0),
  /** messages by the reason that the ledger would be given */
  declined: z.record(z.string(), z.int()),
  /** messages that each rule declines by itself, by its reason */
  rules: z.record(z.string(), z.int()),
  /** the latest first */
  messages: z.array(TestedMessage),
});
export type RulesTestResult = z.infer<typeof RulesTestResult>;

/** Messages that are tested at most: each is a request to Graph. */
export const RULES_TEST_MAX = 200;
