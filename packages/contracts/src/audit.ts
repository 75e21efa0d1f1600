import { z } from 'zod';

/** The verdict of an audit on a message that is in a mailbox: always one of these. */
export const AUDIT_VERDICTS = ['delivered', 'skipped', 'dead', 'inFlight', 'unexplained'] as const;

export type AuditVerdict = (typeof AUDIT_VERDICTS)[number];

/** A message that no state accounts for. Where to look, no content. */
export const AuditWitness = z.object({
  key: z.string(),
  mailboxId: z.string(),
  messageId: z.string(),
  /** RFC 3339; null when Graph did not say */
  receivedAt: z.string().nullable(),
  /** nobody has noticed it, or it is said to be on its way and its job is on no queue */
  why: z.enum(['not_noticed', 'job_gone']),
  /** the reason it was skipped for, although the mailbox shows it; since 0.2 */
  skipped: z.string().optional(),
});
export type AuditWitness = z.infer<typeof AuditWitness>;

/** How many unexplained messages of a folder an audit lists: a person looks at a few, and the count is exact. */
export const AUDIT_WITNESSES_MAX = 500;

/** What auditing one folder found. */
export const AuditResult = z.object({
  /** RFC 3339: when it was audited, and the bounds it came to */
  at: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  /** messages that Graph has there */
  listed: z.int().min(0),
  counts: z.object({
    delivered: z.int().min(0),
    skipped: z.int().min(0),
    dead: z.int().min(0),
    inFlight: z.int().min(0),
    unexplained: z.int().min(0),
  }),
  /** by `verdict:reason`, such as `skipped:source_deleted`, `inFlight:outbound`, `unexplained:job_gone` */
  reasons: z.record(z.string(), z.int()),
  /** messages that were put back on `inbound`: unexplained ones, or those that a replay asked for */
  repaired: z.int().min(0),
  /** messages that Graph counts there and does not list: nothing is said of them; since 0.2 */
  missing: z.int().min(0).optional(),
  witnesses: z.array(AuditWitness).max(AUDIT_WITNESSES_MAX),
});
export type AuditResult = z.infer<typeof AuditResult>;
