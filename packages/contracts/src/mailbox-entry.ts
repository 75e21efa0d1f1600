import { z } from 'zod';

import { MessageRules } from './message-rules.ts';

/**
 * - `active`: walked, subscribed, read
 * - `paused`: nothing new is noticed, what is queued goes on, its subscriptions are kept
 * - `removed`: nothing of it is read any more; kept so that no restart brings it back
 */
export const MAILBOX_STATES = ['active', 'paused', 'removed'] as const;

export type MailboxState = (typeof MAILBOX_STATES)[number];

const Guid = z.guid().toLowerCase();

/** Folder ids or well-known names. */
const Folders = z
  .array(z.string().trim().min(1).max(512))
  .min(1)
  .max(50)
  .transform((folders) => [...new Set(folders)]);

/** What an operator sets for a mailbox. */
export const MailboxSettings = z.object({
  tenantId: Guid,
  /** object id */
  mailboxId: Guid,
  /** for people */
  label: z.string().trim().min(1).max(200),
  folders: Folders,
  rules: MessageRules,
});
export type MailboxSettings = z.infer<typeof MailboxSettings>;

/** A mailbox of the directory. Only these are ever read. */
export const MailboxEntry = MailboxSettings.extend({
  state: z.enum(MAILBOX_STATES),
  /** `config`: from the environment, and follows it; `api`: an operator's word, which no restart changes */
  origin: z.enum(['config', 'api']),
  /** grows with every change of any mailbox */
  revision: z.int().min(1),
  /** ms since the epoch: when it was added, the last time if it was removed between */
  addedAt: z.int(),
  /** ms since the epoch: positions from before are not its own; null: it was never removed */
  forgetBefore: z.int().nullable(),
  /**
   * ms since the epoch, by folder: mail received before is left alone where `INGEST_SINCE` says nothing. Optional: entries
   * of earlier versions have none, and begin when they were added
   */
  takenFrom: z.record(z.string(), z.int()).optional(),
  /** ms since the epoch */
  changedAt: z.int(),
});
export type MailboxEntry = z.infer<typeof MailboxEntry>;

/** The default start of a folder, in ms since the epoch: mail from before is not taken. */
export function takenFrom(
  { addedAt, takenFrom: byFolder = {} }: Pick<MailboxEntry, 'addedAt' | 'takenFrom'>,
  folderId: string,
): number {
  return byFolder[folderId] ?? addedAt;
}
