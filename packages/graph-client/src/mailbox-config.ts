import type { MailboxSettings } from '@ms1/contracts';
import { z } from 'zod';

import type { FileTenant } from './tenants/tenants-file.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A mailbox that the environment names. */
export interface ConfiguredMailbox {
  /** object id, lower case */
  id: string;
  /** for people; the id when none was given */
  label: string;
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Mailbox object ids, comma-separated, each optionally `guid=label`. */
const Mailboxes = z.string().transform((text, context): ConfiguredMailbox[] => {
  const mailboxes = new Map<string, ConfiguredMailbox>();
  for (const [index, part] of list(text).entries()) {
    const [first = '', ...label] = part.split('=');
    const id = first.trim().toLowerCase();
    if (!GUID.test(id)) {
      context.addIssue(`entry ${index + 1} must be a mailbox object id (GUID), or GUID=label`);
    } else if (mailboxes.has(id)) {
      context.addIssue(`entry ${index + 1} repeats a mailbox`);
    }
    mailboxes.set(id, { id, label: label.join('=').trim() || id });
  }
  if (mailboxes.size === 0) context.addIssue('must name at least one mailbox');
  return [...mailboxes.values()];
});

/** Folder ids or well-known names, comma-separated. Well-known names are matched in any case by Graph. */
const Folders = z.string().transform((text, context): string[] => {
  const folders = [...new Set(list(text))];
  if (folders.length === 0) context.addIssue('must name at least one folder');
  return folders;
});

/** The variables that seed the directory of mailboxes. Without MAILBOXES only operators change it. */
export const mailboxConfig = {
  MAILBOXES: Mailboxes.optional().describe(
    'Object ids (GUIDs) of the mailboxes, comma-separated, each optionally with a label: `GUID=invoices-de`. They are ' +
      'added to the directory of mailboxes when a process starts. Not set: it is managed by the API alone.',
  ),
  MAILBOX_FOLDERS: Folders.default(['inbox']).describe(
    'Folder ids or well-known names, comma-separated, of mailboxes that name none of their own.',
  ),
};

type NamedMailbox = FileTenant['mailboxes'][number];

/** The mailboxes that the environment names, for the directory; null when it names none. */
export function mailboxSeed(config: {
  GRAPH_TENANT_ID?: string | undefined;
  GRAPH_TENANTS_FILE?: readonly FileTenant[] | undefined;
  MAILBOXES?: readonly ConfiguredMailbox[] | undefined;
  MAILBOX_FOLDERS: readonly string[];
}): MailboxSettings[] | null {
  const { GRAPH_TENANT_ID, GRAPH_TENANTS_FILE = [], MAILBOXES, MAILBOX_FOLDERS } = config;
  const groups: { tenantId: string; mailboxes: readonly NamedMailbox[] }[] =
    MAILBOXES && GRAPH_TENANT_ID
      ? [{ tenantId: GRAPH_TENANT_ID, mailboxes: MAILBOXES }]
      : GRAPH_TENANTS_FILE.map(({ tenant: { tenantId }, mailboxes }) => ({ tenantId, mailboxes }));
  const named = groups.flatMap(({ tenantId, mailboxes }) =>
    mailboxes.map(({ id, label = id, folders, rules = {} }) => ({
      tenantId,
      mailboxId: id,
      label,
      folders: folders ?? [...MAILBOX_FOLDERS],
      rules,
    })),
  );
  return named.length === 0 ? null : named;
}
