import type { Audit } from '@ms1/ledger';
import { z } from 'zod';

import { type AuditReport, auditReport, renderReport, sumOf } from '../audits/audit-report.ts';
import type { AuditService } from '../audits/audit-service.ts';
import { ApiProblem } from './api-problem.ts';
import { AuditSummary, AuditView, RollingAudit } from './audit-view.ts';
import { beforeOf, Moment, nextOf, OffsetPage } from './page.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import { defineRoute, IdParams, type Route, reply } from './route.ts';

/** A code of the ledger's: no address and no word of a mail, so that the log may keep it. */
const SkipReason = z.string().regex(/^[a-z0-9_]{1,36}$/);

const CreateAudit = z
  .strictObject({
    mailboxes: z.union([z.literal('all'), z.array(z.guid()).min(1).max(10_000)]).default('all'),
    from: Moment.nullable().default(null),
    /** default: now */
    to: Moment.nullable().default(null),
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
/** `/api/audits` */
export function auditRoutes(audits: AuditService): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/audits',
      tag: 'audits',
      summary: 'Compares mailboxes with the ledger, and puts back what is lost or what is replayed',
      policy: 'operator',
      body: CreateAudit,
      responses: { 202: AuditView },
      async handle({ body }) {
        refuseUnknown(audits.unknown(body.mailboxes));
        const audit = await audits.create(body);
        return reply(202, auditReport(audit), { location: `/api/audits/${audit.id}` });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/audits',
      tag: 'audits',
      summary: 'Audits, the latest first',
      policy: 'reader',
      query: OffsetPage,
      responses: { 200: z.array(AuditSummary) },
      async handle({ query: { limit, offset, cursor } }) {
        const page = await audits.list({ limit, offset, before: beforeOf(cursor) });
        const body = page.map((audit) => {
          const { witnesses: _, ...report } = auditReport(audit);
          return report;
        });
        return reply(200, body, { next: nextOf(page, limit) });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/audits/rolling',
      tag: 'audits',
      summary: 'What the rolling audit last found in each folder',
      policy: 'reader',
      responses: { 200: RollingAudit },
      async handle() {
        const folders = await audits.rolling();
        return reply(200, { ...sumOf(folders), folders });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/audits/:id',
      tag: 'audits',
      summary: 'One audit, as JSON or for people',
      policy: 'reader',
      params: IdParams,
      query: Format,
      text: 'text/plain',
      problems: [404],
      responses: { 200: AuditView },
      handle: async ({ params, query }) => replyOf(await audits.get(params.id), query),
    }),
  ];
}

/** @throws {ApiProblem} 404 without an audit */
export function replyOf(
  audit: Audit | null,
  { format }: { format?: string } = {},
): { status: 200; body: AuditReport; text?: string } {
  if (!audit) throw new ApiProblem({ title: 'There is no such audit', status: 404 });
  const report = auditReport(audit);
  return reply(200, report, format === 'text' ? { text: renderReport(report) } : {});
}
