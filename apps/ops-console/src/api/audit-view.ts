import { AuditResult, AuditWitness } from '@ms1/contracts';
import { z } from 'zod';

const { listed, counts, reasons, repaired } = AuditResult.shape;
const missing = z.int().min(0).meta({ description: 'counted by Graph and not listed' });
const sums = { listed, missing, counts, reasons, repaired };
const Witnesses = z.array(AuditWitness.meta({ id: 'AuditWitness' }));

/** What an audit came to, without the messages that nothing accounts for. */
export const AuditSummary = z
  .object({
    id: z.string(),
    createdAt: z.string(),
    sessionId: z.string().nullable(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    repair: z.boolean(),
    replay: z.string().nullable(),
    status: z.enum(['running', 'explained', 'unexplained', 'incomplete']),
    folders: z.object({ done: z.int(), total: z.int() }),
    ...sums,
  })
  .meta({ id: 'AuditSummary' });

/** With them. */
export const AuditView = z
  .object({ ...AuditSummary.shape, witnesses: Witnesses })
  .meta({ id: 'Audit' });

/** The latest of the rolling audit, all folders together and each. */
export const RollingAudit = z
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
