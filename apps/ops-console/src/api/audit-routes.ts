import type { Audit } from '@ms1/store';
import { z } from 'zod';

import { auditReport, renderReport, sumOf } from '../audits/audit-report.ts';
import type { AuditService } from '../audits/audit-service.ts';
import { ApiProblem } from './api-problem.ts';
import { Moment, Page } from './page.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import { defineRoute, NoInput, type Reply, type Route } from './route.ts';

const CreateAudit = z
  .strictObject({
    mailboxes: z.union([z.literal('all'), z.array(z.guid()).min(1).max(10_000)]).default('all'),
    from: Moment.nullable().default(null),
    /** default: now */
    to: Moment.nullable().default(null),
    repair: z.boolean().default(false),
  })
  .refine(({ from, to }) => !from || !to || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be after from',
  });

export const Format = z.strictObject({ format: z.enum(['json', 'text']).default('json') });

/** `/api/audits` */
export function auditRoutes(audits: AuditService): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/audits',
      policy: 'operator',
      input: CreateAudit,
      async handle({ input }) {
        refuseUnknown(audits.unknown(input.mailboxes));
        const audit = await audits.create(input);
        return { ...replyOf(audit), status: 202, location: `/api/audits/${audit.id}` };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/audits',
      policy: 'reader',
      input: Page,
      handle: async ({ input }) => ({
        status: 200,
        body: (await audits.list(input)).map((audit) => {
          const { witnesses: _, ...report } = auditReport(audit);
          return report;
        }),
      }),
    }),
    defineRoute({
      method: 'get',
      path: '/audits/rolling',
      policy: 'reader',
      input: NoInput,
      async handle() {
        const folders = await audits.rolling();
        return { status: 200, body: { ...sumOf(folders), folders } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/audits/:id',
      policy: 'reader',
      input: Format,
      handle: async ({ params, input }) => replyOf(await audits.get(params['id'] ?? ''), input),
    }),
  ];
}

/** @throws {ApiProblem} 404 without an audit */
export function replyOf(audit: Audit | null, { format }: { format?: string } = {}): Reply {
  if (!audit) throw new ApiProblem({ title: 'There is no such audit', status: 404 });
  const report = auditReport(audit);
  return { status: 200, body: report, ...(format === 'text' && { text: renderReport(report) }) };
}
