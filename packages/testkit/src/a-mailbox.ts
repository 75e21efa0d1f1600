import type { MailboxSettings } from '@ms1/contracts';

/** A mailbox of which the inbox is read, whatever is in it. */
export function aMailbox(
  settings: Pick<MailboxSettings, 'tenantId' | 'mailboxId'> & Partial<MailboxSettings>,
): MailboxSettings {
  return { label: settings.mailboxId, folders: ['inbox'], rules: {}, ...settings };
}
