import { z } from 'zod';

import { MessageMetadata, MessageRecord, MessageSource } from './message-record.ts';

/**
 * The version that every payload carries as `v`. A later field is optional, with a comment that says which version
 * first wrote it: jobs of the release before still wait during a rolling deploy.
 */
export const PAYLOAD_VERSION = 1;

/** One walk of a mailbox folder (`polling`). */
export const PollFolder = z.object({
  v: z.literal(1),
  tenantId: z.string().min(1),
  mailboxId: z.string().min(1),
  /** folder id or well-known name */
  folderId: z.string().min(1),
});
export type PollFolder = z.infer<typeof PollFolder>;

/** One walk of each folder of a share (`polling`). */
export const PollRound = z.object({
  v: z.literal(1),
  /** from 0 on */
  share: z.int().min(0),
  /** shares that all folders are in */
  of: z.int().min(1),
});
export type PollRound = z.infer<typeof PollRound>;

/** Creates, renews and repairs the subscriptions of all folders (`polling`). */
export const RenewSubscriptions = z.object({ v: z.literal(1) });
export type RenewSubscriptions = z.infer<typeof RenewSubscriptions>;

/** Lists one folder in a session's window and puts what the ledger does not know on `inbound` (`polling`). */
export const ScanSession = PollFolder.extend({ sessionId: z.string().min(1) });
export type ScanSession = z.infer<typeof ScanSession>;

/** Compares one folder in a window with the ledger (`polling`). */
export const AuditWindow = PollFolder.extend({
  /** null: the rolling audit, which takes its window from the clock */
  auditId: z.string().min(1).nullable(),
  /** RFC 3339; null: no bound */
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  /** the session it is the report of: what is put back belongs to it */
  sessionId: z.string().min(1).nullable(),
  /** puts what is unexplained on `inbound` */
  repair: z.boolean(),
  /** with `repair`, puts back what is skipped for this reason, and nothing else; since 0.2 */
  replay: z.string().optional(),
});
export type AuditWindow = z.infer<typeof AuditWindow>;

/** Removes personal data from dead letters that are older than their retention (`polling`). */
export const StripLetters = z.object({
  v: z.literal(1),
  /** where the run before it left off: queue, ms since the epoch at which a letter died, its job id */
  after: z.tuple([z.string(), z.number(), z.string()]).optional(),
});
export type StripLetters = z.infer<typeof StripLetters>;

/** A message that was noticed (`inbound`). At most 4 KB: {@link INBOUND_BYTES_MAX}. */
export const IngestMessage = z.compile(
  z.object({
    v: z.literal(1),
    tenantId: z.string().min(1),
    mailboxId: z.string().min(1),
    /** `.` and `..` would be no segment of a path: nothing else of a batch is to fail with them */
    messageId: z
      .string()
      .min(1)
      .refine((id) => !/^\.{1,2}$/.test(id), 'is no id'),
    source: MessageSource,
    sessionId: z.string().nullable(),
    /** RFC 3339 UTC */
    noticedAt: z.iso.datetime(),
    /** where it was noticed, id or well-known name: only where to look first, for it may have moved; since 0.2 */
    folderId: z.string().min(1).optional(),
    /** somebody takes it whatever the rules of its mailbox say; since 0.2 */
    overruled: z.literal(true).optional(),
    /** present when a delta or list page carried it and it fits; the processor fetches it otherwise */
    metadata: MessageMetadata.optional(),
  }),
);
export type IngestMessage = z.infer<typeof IngestMessage>;

/** How a record failed at MS4 so far, while the fault may be the record's own. */
export const Suspicion = z.object({
  /** ms of Redis's clock: when MS4 first and last failed on it */
  since: z.int(),
  failedAt: z.int(),
  /** how often MS4 failed on it */
  tries: z.int(),
  /** how often of those MS4 was well for others */
  counted: z.int(),
});
export type Suspicion = z.infer<typeof Suspicion>;

/** A record that is ready for MS4 (`outbound`). At most 64 KB: {@link OUTBOUND_BYTES_MAX}. */
export const DeliverRecord = z.compile(
  z.object({
    v: z.literal(1),
    record: MessageRecord,
    /** first written after 0.1.0; only of use to the sender, so one that does not parse is none */
    suspicion: Suspicion.optional().catch(undefined),
  }),
);
export type DeliverRecord = z.infer<typeof DeliverRecord>;

/**
 * A record without its personal data (`outbound`): the sender puts it back on `inbound`, and the processor reads the
 * mailbox again. Since 0.2, as version 2: an older sender leaves it to a newer one.
 */
export const StrippedRecord = z.object({
  v: z.literal(2),
  stripped: IngestMessage.omit({ v: true, tenantId: true, metadata: true }),
});
export type StrippedRecord = z.infer<typeof StrippedRecord>;

/** Bytes of JSON. A larger payload goes without its metadata, which the processor then fetches. */
export const INBOUND_BYTES_MAX = 4_096;
/** bytes of JSON; about 250 attachments, which is as many as Exchange lets a message have. What is above is cut */
export const OUTBOUND_BYTES_MAX = 65_536;
