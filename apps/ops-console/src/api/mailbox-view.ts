import { MAILBOX_STATES, type MailboxEntry, MailboxSettings, MessageRules } from '@ms1/contracts';
import { z } from 'zod';

import { type Caller, may } from '../auth/caller.ts';
import { rfc3339 } from './rfc3339.ts';

/** How a folder's notifications did against its walks. */
const PushView = z
  .object({
    announced: z
      .int()
      .meta({ description: 'a notification came before the walk; last 60 minutes' }),
    unannounced: z.int().meta({ description: 'the walk found it first; last 60 minutes' }),
    lateSeconds: z.number().nullable().meta({
      description: 'mean from received to noticed of those that were announced',
    }),
    walkedSoonerUntil: z.string().nullable().meta({
      description: 'walked more often until then, because notifications were missing',
    }),
    rebuiltAt: z.string().nullable().meta({
      description: 'when its subscription was last made anew for that reason',
    }),
  })
  .meta({ id: 'PushYield' });

/** One folder of a mailbox, and how fresh what is known of it is. */
const FolderView = z
  .object({
    folderId: z.string(),
    walkedAt: z.string().nullable().meta({
      description: 'when it was last walked to its end; null: not within a day',
    }),
    push: PushView.nullable().meta({ description: 'null: it was not walked within a day' }),
    subscription: z
      .object({ id: z.string(), expiresAt: z.string() })
      .nullable()
      .meta({ description: 'null: Graph announces nothing of it' }),
    audited: z
      .object({ at: z.string(), unexplained: z.int() })
      .nullable()
      .meta({ description: 'by the rolling audit' }),
  })
  .meta({ id: 'MailboxFolder' });

/** A mailbox of the directory as the API gives it. */
export const MailboxView = z
  .object({
    mailboxId: z.string(),
    tenantId: z.string(),
    label: z.string(),
    state: z.enum(MAILBOX_STATES),
    origin: z.enum(['config', 'api']),
    revision: z.int(),
    addedAt: z.string(),
    changedAt: z.string(),
    folders: z.array(FolderView),
    rules: MessageRules.nullable().meta({
      description: 'they hold addresses: null for whoever is below operator',
    }),
    sessionId: z.string().nullable().meta({ description: 'the open session it is in' }),
    held: z
      .object({
        reason: z.enum(['throttled', 'unavailable']),
        since: z.string(),
        until: z.string().meta({ description: 'it is asked again then' }),
      })
      .nullable()
      .meta({ description: 'Graph has said to leave it alone; null: it may be called' }),
  })
  .meta({ id: 'Mailbox' });
export type MailboxView = z.infer<typeof MailboxView>;

const settings = MailboxSettings.shape;

export const AddMailbox = z
  .strictObject({
    mailboxId: settings.mailboxId.meta({ description: 'object id' }),
    tenantId: settings.tenantId.optional().meta({ description: 'not told: GRAPH_TENANT_ID' }),
    label: settings.label.optional(),
    folders: settings.folders
      .optional()
      .meta({ description: 'ids or well-known names; not told: inbox' }),
    rules: MessageRules.default({}),
    state: z.enum(['active', 'paused']).default('active'),
  })
  .meta({ id: 'AddMailbox' });

const Revision = z.int().min(1).optional().meta({
  description:
    'of the entry as it was read: with another one nothing changes, and the answer is 409',
});

export const ChangeMailbox = z
  .strictObject({
    label: settings.label.optional(),
    folders: settings.folders.optional(),
    rules: MessageRules.optional(),
    ifRevision: Revision,
  })
  .meta({ id: 'ChangeMailbox' });

export const SteerMailbox = z.strictObject({ ifRevision: Revision }).meta({ id: 'SteerMailbox' });

/** What the operator log keeps of a change: rules hold addresses, and a label may be somebody's name. */
export function loggedSettings(body: unknown): object {
  const { rules, label: _, ...rest } = body as z.infer<typeof ChangeMailbox>;
  return {
    ...rest,
    fields: Object.keys(body as object),
    ...(rules && { rules: Object.keys(rules) }),
  };
}

/** What is known of a mailbox beside its entry. */
export interface MailboxFacts {
  folders: MailboxView['folders'];
  sessionId: string | null;
  held: MailboxView['held'];
}

export function viewMailbox(entry: MailboxEntry, facts: MailboxFacts, caller: Caller): MailboxView {
  const { mailboxId, tenantId, label, state, origin, revision, rules } = entry;
  return {
    mailboxId,
    tenantId,
    label,
    state,
    origin,
    revision,
    addedAt: rfc3339(entry.addedAt),
    changedAt: rfc3339(entry.changedAt),
    ...facts,
    rules: may(caller.role, 'operator') ? rules : null,
  };
}
