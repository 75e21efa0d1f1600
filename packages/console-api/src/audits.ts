import { AuditResult, AuditWitness } from '@ms1/contracts';
import { z } from 'zod';

import { Count, type Endpoints, IdParams, OffsetPage, window } from './endpoint.ts';

const { listed, counts, reasons, repaired } = AuditResult.shape;
const sums = {
  listed,
  missing: Count.meta({ description: 'counted by Graph and not listed' }),
  counts,
  /** by `verdict:reason` */
  reasons,
  /** messages that were put back on the queue: unexplained ones, or those that a replay asked for */
  repaired,
};
const Witnesses = z.array(AuditWitness.meta({ id: 'AuditWitness' }));

/** What an audit came to over all its folders, without the messages that nothing accounts for. */
const AuditSummary = z
  .object({
    id: z.string(),
    createdAt: z.string(),
    sessionId: z.string().nullable(),
    /** RFC 3339; null: no bound */
    from: z.string().nullable(),
    to: z.string().nullable(),
    repair: z.boolean(),
    /** the reason for which what is skipped is put back; null: it is no replay */
    replay: z.string().nullable(),
    /**
     * `running` until every folder was listed; then whether everything is accounted for. `incomplete`: everything listed
     * is, and Graph counts more
     */
    status: z.enum(['running', 'explained', 'unexplained', 'incomplete']),
    folders: z.object({ done: z.int(), total: z.int() }),
    ...sums,
  })
  .meta({ id: 'AuditSummary' });

/** With them. */
export const Audit = z
  .object({ ...AuditSummary.shape, witnesses: Witnesses })
  .meta({ id: 'Audit' });

/** The latest of the rolling audit, all folders together and each. */
const RollingAudit = z
  .object({
    ...sums,
    witnesses: Witnesses,
    folders: z.array(
      z.object({
        mailboxId: z.string(),
        folderId: z.string(),
        result: AuditResult.meta({ id: 'FolderAudit' }).nullable(),
      }),
    ),
  })
  .meta({ id: 'RollingAudit' });

/** A code of the ledger's: no address and no word of a mail, so that the log may keep it. */
const SkipReason = z.string().regex(/^[a-z0-9_]{1,36}$/);

const CreateAudit = z
  .strictObject({
    ...window,
    repair: z.boolean().default(false),
    replay: SkipReason.optional().meta({
      description: 'with `repair` puts back what is skipped for this reason, and nothing else',
    }),
  })
  .refine(({ from, to }) => !from || !to || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be after from',
  })
  .meta({ id: 'CreateAudit' });

export const Format = z.strictObject({ format: z.enum(['json', 'text']).default('json') });

const tag = 'audits';

export const audits = {
  'POST /audits': {
    tag,
    summary: 'Compares mailboxes with the ledger, and puts back what is lost or what is replayed',
    policy: 'operator',
    body: CreateAudit,
    responses: { 202: Audit },
  },
  'GET /audits': {
    tag,
    summary: 'Audits, the latest first',
    policy: 'reader',
    query: OffsetPage,
    responses: { 200: z.array(AuditSummary) },
  },
  'GET /audits/rolling': {
    tag,
    summary: 'What the rolling audit last found in each folder',
    policy: 'reader',
    responses: { 200: RollingAudit },
  },
  'GET /audits/:id': {
    tag,
    summary: 'One audit, as JSON or for people',
    policy: 'reader',
    params: IdParams,
    query: Format,
    text: 'text/plain',
    problems: [404],
    responses: { 200: Audit },
  },
} as const satisfies Endpoints;
