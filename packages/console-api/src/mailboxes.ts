import { MAILBOX_STATES, MailboxSettings, MessageRules } from '@ms1/contracts';
import { z } from 'zod';

import { type Endpoints, Page } from './endpoint.ts';
import { OnTime } from './on-time.ts';

/** How a folder's notifications did against its walks. */
const PushYield = z
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
const Folder = z
  .object({
    folderId: z.string(),
    walkedAt: z.string().nullable().meta({
      description: 'when it was last walked to its end; null: not within a day',
    }),
    push: PushYield.nullable().meta({ description: 'null: it was not walked within a day' }),
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

/** Something that is not as it should be with a mailbox, and what to do about it. */
const MailboxTrouble = z
  .object({
    level: z.enum(['stopped', 'attention']).meta({
      description: 'stopped: nothing new is read from it; attention: its mail comes through',
    }),
    code: z.enum([
      'removed',
      'paused',
      'throttled',
      'unavailable',
      'not_walked',
      'not_announced',
      'announced_late',
      'unexplained',
      'requests_used',
    ]),
    title: z.string().meta({ description: 'in two or three words' }),
    text: z.string().meta({ description: 'a sentence for people' }),
    remedy: z.string().meta({ description: 'what to do, or that nothing need be done' }),
  })
  .meta({ id: 'MailboxTrouble' });

/** A mailbox of the directory. */
const Mailbox = z
  .object({
    mailboxId: z.string(),
    tenantId: z.string(),
    label: z.string(),
    state: z.enum(MAILBOX_STATES),
    origin: z.enum(['config', 'api']),
    revision: z.int(),
    addedAt: z.string(),
    changedAt: z.string(),
    folders: z.array(Folder),
    rules: MessageRules.nullable().meta({
      description: 'null below the role operator, because they hold addresses',
    }),
    sessionId: z.string().nullable().meta({ description: 'the open session it is in' }),
    held: z
      .object({
        reason: z.enum(['throttled', 'unavailable']),
        since: z.string(),
        until: z.string().meta({ description: 'Graph is called for it again then' }),
      })
      .nullable()
      .meta({ description: 'Graph refuses calls to it for a while; null: it may be called' }),
    readSingly: z
      .object({
        reason: z.string().meta({ description: 'how Graph did not give them by the page' }),
        until: z.string(),
      })
      .nullable()
      .meta({
        description:
          'attachments are asked for message by message, a request each; null: by the page',
      }),
    onTime: OnTime.meta({ description: 'of its mail, what was delivered within a minute' }),
    requests: z.object({ used: z.int(), most: z.int(), seconds: z.int() }).meta({
      id: 'MailboxRequests',
      description:
        'made to Graph for it within the seconds, over all processes and refused ones included, of the most that it allows',
    }),
    troubles: z.array(MailboxTrouble).meta({ description: 'the worst first; none: all is well' }),
  })
  .meta({ id: 'Mailbox' });

const settings = MailboxSettings.shape;

const AddMailbox = z
  .strictObject({
    mailboxId: settings.mailboxId.meta({ description: 'object id' }),
    tenantId: settings.tenantId.optional().meta({ description: 'not told: GRAPH_TENANT_ID' }),
    label: settings.label.optional(),
    folders: settings.folders
      .optional()
      .meta({ description: 'ids or well-known names; default: inbox' }),
    rules: MessageRules.default({}),
    state: z.enum(['active', 'paused']).default('active'),
  })
  .meta({ id: 'AddMailbox' });

const Revision = z.int().min(1).optional().meta({
  description:
    'revision that you read: if there is a later one, nothing changes and the answer is 409',
});

const ChangeMailbox = z
  .strictObject({
    label: settings.label.optional(),
    folders: settings.folders.optional(),
    rules: MessageRules.optional(),
    ifRevision: Revision,
  })
  .meta({ id: 'ChangeMailbox' });

const SteerMailbox = z.strictObject({ ifRevision: Revision }).meta({ id: 'SteerMailbox' });

const Tenant = z
  .object({
    tenantId: z.string(),
    mailboxes: z.object({ active: z.int(), paused: z.int(), removed: z.int() }),
  })
  .meta({ id: 'Tenant' });

const Subscription = z
  .object({
    subscriptionId: z.string(),
    tenantId: z.string(),
    mailboxId: z.string(),
    folderId: z.string(),
    expiresAt: z.string(),
  })
  .meta({ id: 'Subscription' });

const tag = 'mailboxes';
const one = {
  tag,
  params: z.strictObject({ id: z.guid().toLowerCase() }),
  problems: [404],
  responses: { 200: Mailbox },
} as const;

export const mailboxes = {
  'GET /mailboxes': {
    tag,
    summary: 'Mailboxes by id, with state, folders and how fresh they are',
    policy: 'reader',
    query: z.strictObject({
      ...Page.shape,
      state: z.enum(MAILBOX_STATES).optional().meta({ description: 'default: all but removed' }),
    }),
    responses: { 200: z.array(Mailbox) },
  },
  'GET /mailboxes/:id': {
    ...one,
    summary: 'One mailbox, also one that was removed',
    policy: 'reader',
  },
  'POST /mailboxes': {
    tag,
    summary: 'Adds a mailbox, also one that was removed',
    policy: 'admin',
    body: AddMailbox,
    responses: { 201: Mailbox },
  },
  'PATCH /mailboxes/:id': {
    ...one,
    summary: 'Changes label, folders or rules',
    policy: 'admin',
    body: ChangeMailbox,
  },
  'POST /mailboxes/:id/pause': {
    ...one,
    summary: 'Notices no new mail of it; queued mail goes on',
    policy: 'operator',
    body: SteerMailbox,
  },
  'POST /mailboxes/:id/resume': {
    ...one,
    summary: 'It is walked and subscribed again',
    policy: 'operator',
    body: SteerMailbox,
  },
  'DELETE /mailboxes/:id': {
    ...one,
    summary: 'Stops reading a mailbox for good; no restart brings it back',
    policy: 'admin',
  },
  'GET /tenants': {
    tag,
    summary: 'Tenants, with their mailboxes counted by state',
    policy: 'reader',
    responses: { 200: z.array(Tenant) },
  },
  'GET /subscriptions': {
    tag,
    summary: 'Subscriptions at Graph, the first to expire first',
    policy: 'reader',
    responses: { 200: z.array(Subscription) },
  },
  'POST /subscriptions/renew': {
    tag,
    summary: 'Creates, renews and repairs every subscription now',
    policy: 'operator',
    responses: { 200: z.object({ asked: z.literal(true) }) },
  },
} as const satisfies Endpoints;
