import type { Audit } from '@ms1/ledger';

import { type AuditReport, auditReport, renderReport, sumOf } from '../audits/audit-report.ts';
import type { AuditService } from '../audits/audit-service.ts';
import { ApiProblem } from './api-problem.ts';
import { beforeOf, nextOf } from './page.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import { handle, reply } from './route.ts';

/** `/api/audits` */
export function auditRoutes(audits: AuditService) {
  return handle({
    async 'POST /audits'({ body }) {
      refuseUnknown(audits.unknown(body.mailboxes));
      const audit = await audits.create(body);
      return reply(202, auditReport(audit), { location: `/api/audits/${audit.id}` });
    },
    async 'GET /audits'({ query: { limit, offset, cursor } }) {
      const page = await audits.list({ limit, offset, before: beforeOf(cursor) });
      const body = page.map((audit) => {
        const { witnesses: _, ...report } = auditReport(audit);
        return report;
      });
      return reply(200, body, { next: nextOf(page, limit) });
    },
    async 'GET /audits/rolling'() {
      const folders = await audits.rolling();
      return reply(200, { ...sumOf(folders), folders });
    },
    'GET /audits/:id': async ({ params, query }) => replyOf(await audits.get(params.id), query),
  });
}

/** @throws {ApiProblem} 404 without an audit */
export function replyOf(
  audit: Audit | null,
  { format }: { format: 'json' | 'text' },
): { status: 200; body: AuditReport; text?: string } {
  if (!audit) throw new ApiProblem({ title: 'There is no such audit', status: 404 });
  const report = auditReport(audit);
  return reply(200, report, format === 'text' ? { text: renderReport(report) } : {});
}
