import { MESSAGE_STATES, MessageSource, QUEUES } from '@ms1/contracts';
import { z } from 'zod';

import { Count, type Endpoints, MessageKey, Moment, Page } from './endpoint.ts';
import { Asking, MailFilter, needsReason, Operation } from './operations.ts';

const Find = z
  .strictObject({
    key: MessageKey.optional(),
    mailboxId: z.guid().optional(),
    /** Graph's immutable id; needs the mailbox */
    messageId: z.string().min(1).max(512).optional(),
    internetMessageId: z.string().min(1).max(998).optional(),
    sender: z.string().min(1).max(320).optional(),
    text: z.string().trim().min(1).max(998).optional().meta({
      description:
        'whatever somebody remembers: an id, an address, or words of the subject, the sender\u2019s name or domain and the names of files, in any order',
    }),
    subject: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .meta({ deprecated: true, description: 'such words: use text' }),
    from: Moment.optional(),
    to: Moment.optional(),
    limit: z.number().int().min(1).max(500).default(100),
    offset: z.number().int().min(0).default(0),
  })
  .refine(({ key, mailboxId, internetMessageId, sender, subject, text }) =>
    Boolean(key ?? mailboxId ?? internetMessageId ?? sender ?? subject ?? text),
  )
  .refine(({ messageId, mailboxId }) => messageId === undefined || mailboxId !== undefined, {
    path: ['mailboxId'],
    message: 'say whose message it is',
  })
  .meta({ id: 'Find' });

/** What a search looked at, so that finding nothing is not taken for an answer that it cannot give. */
const Searched = z
  .object({
    by: z.array(z.string()).meta({ description: 'what was compared, in words' }),
    understood: z.string().meta({ description: 'what the question was taken for' }),
    mailboxId: z.string().nullable().meta({ description: 'null: all that were ever watched' }),
    from: z.string().nullable().meta({ description: 'by when it was received; null: not by day' }),
    to: z.string().nullable(),
    where: z.string().meta({ description: 'the same as a clause' }),
    not: z.string().meta({ description: 'what this search cannot find, in a sentence or two' }),
  })
  .meta({ id: 'Searched' });

const Job = z.object({ queue: z.enum(QUEUES), failed: z.boolean() }).nullable();

const KnownMailbox = z
  .object({ id: z.string(), label: z.string() })
  .nullable()
  .meta({ description: 'null: neither a job nor the index tells' });

/** One message, and where it is. */
const FoundMessage = z
  .object({
    key: z.string(),
    mailbox: KnownMailbox,
    state: z
      .enum(MESSAGE_STATES)
      .nullable()
      .meta({ description: 'null: the ledger does not know it' }),
    at: z.string().nullable(),
    receivedAt: z.string().nullable().meta({ description: 'by Exchange' }),
    queuedAt: z.string().nullable(),
    preparedAt: z.string().nullable(),
    sessionId: z.string().nullable().optional(),
    source: MessageSource.nullable().optional(),
    reason: z.string().nullable().optional(),
    receipt: z.string().nullable().optional(),
    job: Job,
  })
  .meta({ id: 'FoundMessage' });

const Event = z.object({
  at: z.string(),
  event: z.enum(['received', 'noticed', 'queued', 'prepared', 'delivered', 'skipped', 'dead']),
  source: MessageSource.optional().meta({ description: 'of noticed and queued: who noticed it' }),
  receipt: z.string().optional().meta({ description: "of delivered: MS4's" }),
  reason: z.string().optional().meta({ description: 'of skipped and dead' }),
});

const Message = z
  .object({
    key: z.string(),
    state: z.enum(MESSAGE_STATES).nullable().meta({ description: 'null: only its job is known' }),
    sessionId: z.string().nullable(),
    mailbox: KnownMailbox,
    job: Job.meta({ description: 'where its job is; failed: it is a dead letter there' }),
    timeline: z.array(Event),
  })
  .meta({ id: 'Message' });

/** A message as its mailbox has it now. */
const Mail = z
  .object({
    subject: z.string().nullable(),
    from: z.object({ name: z.string().nullable(), address: z.string().nullable() }),
    receivedAt: z.string(),
    files: z
      .array(
        z.object({
          name: z.string().nullable(),
          kind: z.enum(['file', 'item', 'reference']),
          bytes: z.int().nullable(),
          contentType: z.string().nullable(),
        }),
      )
      .meta({ description: 'but for pictures in its text' }),
    webLink: z
      .string()
      .nullable()
      .meta({ description: 'opens it in Outlook; null where it leads anywhere else' }),
  })
  .meta({ id: 'Mail' });

/** Whether mail is shown to whoever asks, and why not. */
export const MailStatus = z.enum([
  'shown',
  'gone',
  'hidden',
  'off',
  'unknown',
  'removed',
  'forbidden',
  'throttled',
  'crowded',
  'unavailable',
]);

const ReadMail = z
  .object({
    status: MailStatus,
    text: z.string().meta({ description: 'the status in words' }),
    readAt: z.string().nullable().meta({ description: 'within the last minute' }),
    mail: Mail.nullable().meta({ description: 'null: it is not shown' }),
  })
  .meta({ id: 'ReadMail' });

const tag = 'messages';

export const find = {
  'POST /find': {
    tag,
    summary: 'Where is it? By what somebody remembers, an id, sender, mailbox or day',
    policy: 'operator',
    reads: true,
    body: Find,
    responses: {
      200: z.object({ total: z.int(), messages: z.array(FoundMessage), searched: Searched }),
    },
  },
} as const satisfies Endpoints;

const ListedMail = z
  .object({
    key: z.string(),
    mailbox: KnownMailbox,
    receivedAt: z.string().meta({ description: 'to the second' }),
    state: z.enum(MESSAGE_STATES),
    at: z.string().meta({ description: 'since when it is in this state' }),
    reason: z.string().nullable(),
    sessionId: z.string().nullable(),
  })
  .meta({ id: 'ListedMail' });

const DeadMail = z.strictObject({ ...MailFilter.shape, state: z.literal('dead') });
const EndedMail = z.strictObject({
  ...MailFilter.shape,
  state: z.enum(['skipped', 'delivered']),
});

/** The state is said, so that nothing is done with mail that nobody thought of. */
const ActOnDead = z
  .strictObject({ filter: DeadMail, ...Asking.shape })
  .refine(...needsReason)
  .meta({ id: 'ActOnDeadMail' });

const PutBack = z
  .strictObject({ filter: EndedMail, ...Asking.shape })
  .refine(...needsReason)
  .meta({ id: 'PutMailBack' });

/** What would be done with how much mail. */
const MailPreview = z
  .object({
    dryRun: z.literal(true),
    action: z.enum(['replay', 'discard', 'put-back']),
    matched: Count,
    reasons: z
      .array(z.object({ reason: z.string().nullable(), count: Count }))
      .meta({ description: 'why it is in that state, the most frequent first, at most 20' }),
    samples: z.array(ListedMail).meta({ description: 'the newest of it' }),
  })
  .meta({ id: 'MailPreview' });

const act = <B extends z.ZodType>(summary: string, description: string, body: B) =>
  ({
    tag,
    summary,
    description: `${description} Of listed mail, which needs LOOKUP_KEY; what does not fit any more when it is its turn is left alone.`,
    policy: 'operator',
    body,
    problems: [409],
    responses: { 200: MailPreview, 202: Operation },
  }) as const;

export const messages = {
  'GET /messages': {
    tag,
    summary: 'Mail by mailbox, day, state, reason and session, the newest first',
    description:
      'Of mail that was prepared, skipped or died, by when it was received; what waits on inbound is not in it. Needs LOOKUP_KEY. A page looks at 10,000 messages at most, so it may have few or none and a next one all the same.',
    policy: 'reader',
    query: z.strictObject({ ...MailFilter.shape, ...Page.shape }),
    problems: [409],
    responses: { 200: z.array(ListedMail) },
  },
  'POST /messages/replay': act(
    'Runs all dead mail of a filter again, or says which it would',
    'Each goes back to the queue on which it died, with all its attempts.',
    ActOnDead,
  ),
  'POST /messages/discard': act(
    'Discards all dead mail of a filter for good, or says which it would',
    'Each stays dead in the ledger, for the reason discarded.',
    ActOnDead,
  ),
  'POST /messages/put-back': act(
    'Takes all skipped or delivered mail of a filter again, or says which it would',
    'Each is read from its mailbox and sent to MS4 again under the same key, which MS4 stores once; a rule that declined it does not hold. Needs a console with a credential for Graph: a request of the mailbox for each second of mail.',
    PutBack,
  ),
  'GET /messages/:key': {
    tag,
    summary: 'The timeline of one message: received, noticed, queued, prepared, and how it ended',
    description:
      'Known for as long as the ledger keeps it. When it was noticed is told apart from when it was queued while its first job is there.',
    policy: 'reader',
    params: z.strictObject({ key: MessageKey }),
    problems: [404],
    responses: { 200: Message },
  },
  'POST /messages/:key/mail': {
    tag,
    summary: 'What it says: subject, sender, files, and its link, read from its mailbox',
    description:
      'Shown to the role that OPS_CONSOLE_PII_ROLE names, by a console with a credential for Graph; who asked is in the operator log. One request of the mailbox, as live mail has them; the answer is the same for a minute.',
    policy: 'reader',
    reads: true,
    params: z.strictObject({ key: MessageKey }),
    responses: { 200: ReadMail },
  },
} as const satisfies Endpoints;
