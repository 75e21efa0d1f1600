import type { BatchEntry } from '@ms1/bullmq-batch';
import {
  type DeliverRecord,
  IngestMessage,
  isForAnother,
  JOBS,
  jobIdOf,
  keyOfJobId,
  type LedgerChange,
  type MailboxState,
  type MessageRecord,
  type MessageRules,
  type MessageState,
  messageKey,
  parsePayload,
  shardOfMailbox,
} from '@ms1/contracts';
import type { RefusalStore } from '@ms1/coordination';
import type { GraphError } from '@ms1/graph-client';
import type { Ledger } from '@ms1/ledger';
import type { TallyWriter } from '@ms1/mailboxes';
import type { Attempt } from '@ms1/process';
import { DeadLetterError, endLostJob, type PayloadSealer } from '@ms1/queue';
import { type Clock, failpoint } from '@ms1/runtime';

import type { FlaggedOutcome, HydrateOptions } from './hydrate.ts';
import type { Ended, IndexMail } from './index-records.ts';
import type { Before, ComingMessage } from './link-messages.ts';
import { doubtOf, onGraphError } from './on-graph-error.ts';
import type { PrepareReport } from './prepare-report.ts';
import { toRecord } from './to-record.ts';

/** One job of a batch, as the queue hands it out. The first decision wins. */
export interface PrepareEntry
  extends Pick<BatchEntry, 'data' | 'lost' | 'complete' | 'fail' | 'delay' | 'enqueue'> {
  readonly job: Pick<BatchEntry['job'], 'id' | 'attemptsMade' | 'opts' | 'data'>;
}

export interface PrepareCollaborators {
  reader: HydrateOptions['reader'];
  allHeaders?: HydrateOptions['allHeaders'];
  /** what a mailbox takes; default everything */
  rulesOf?: (mailboxId: string) => MessageRules;
  ledger: Pick<Ledger, 'record'>;
  refusals: Pick<RefusalStore, 'note' | 'park'>;
  /** what the directory says of a message's mailbox; undefined: it has never heard of it, in this tenant */
  stateOf: (message: IngestMessage) => MailboxState | undefined;
  payloads: Pick<PayloadSealer, 'open' | 'seal'>;
  /** by shard */
  outbound: readonly Parameters<BatchEntry['enqueue']>[0][];
  /** the messages that had their Message-IDs before them, in their order; default: nobody remembers any */
  beforeThem?: (messages: readonly ComingMessage[]) => Promise<Before[]>;
  /** what mail is found by later; its failure is its own business */
  index?: IndexMail;
  /** is told what became of the mail of a mailbox, once it is decided */
  tally?: Pick<TallyWriter, 'count'>;
  /** told of each message that has its outcome; default: nobody asks */
  tellAttempts?: (attempts: readonly Attempt[], startedAt: number) => void;
  clock: Clock;
  random?: () => number;
}

/** ms of waiting from which a refused message is woken by a mailbox that is well; what is shorter is over soon anyway */
const PARKED_MS_MIN = 10_000;
/** ms until a payload of a later version, or sealed by another key, is looked at again: whom it is for will have it by then */
const FOR_ANOTHER_DELAY_MS = 60_000;
/** ms until a message of a mailbox that this process has not heard of is looked at again: the directory is known everywhere within 5 s */
const UNHEARD_DELAY_MS = 5_000;
/** ms since it was noticed from which such a message is a dead letter, to be replayed once the mailbox is added */
const UNHEARD_AGE_MS_MAX = 60_000;

interface Noticed {
  entry: PrepareEntry;
  message: IngestMessage;
}

/** One batch under way. Decisions are collected, and made when the ledger knows of them. */
export class Preparation {
  readonly report: PrepareReport;
  readonly #collaborators: PrepareCollaborators;
  readonly #now: number;
  readonly #changes: LedgerChange[] = [];
  readonly #decisions: (() => void)[] = [];
  readonly #records: MessageRecord[] = [];
  readonly #ended: Ended[] = [];
  readonly #before = new Map<IngestMessage, Before | undefined>();
  readonly #attempts: Attempt[] = [];
  readonly #refusals: (Noticed & { error: GraphError })[] = [];
  /** job ids by mailbox */
  readonly #parked = new Map<string, string[]>();

  constructor(collaborators: PrepareCollaborators, report: PrepareReport) {
    this.report = report;
    this.#collaborators = collaborators;
    this.#now = collaborators.clock.now();
  }

  /** The message of a job, or none when its payload ends it. */
  read(entry: PrepareEntry): Noticed[] {
    if (entry.lost) return [];
    this.report.messages += 1;
    if (endLostJob(entry)) {
      this.report.lost += 1;
      return [];
    }
    try {
      const data = this.#collaborators.payloads.open(entry.job.id ?? '', entry.data);
      const message = parsePayload(IngestMessage, data);
      // A job in hand keeps one of the two: 2,000 are, for as long as Graph takes.
      entry.job.data = message;
      return this.#mayRead(entry, message) ? [{ entry, message }] : [];
    } catch (error) {
      if (isForAnother(error)) {
        this.report.snoozed += 1;
        this.#tell(entry, keyOfJobId(entry.job.id ?? ''), { outcome: 'snoozed' });
        this.#decisions.push(() => entry.delay(FOR_ANOTHER_DELAY_MS));
      } else {
        this.#dead(entry, keyOfJobId(entry.job.id ?? ''), null, 'payload_invalid');
      }
      return [];
    }
  }

  /** Of a mailbox that is removed, or was never added, nothing is read. */
  #mayRead(entry: PrepareEntry, message: IngestMessage): boolean {
    const state = this.#collaborators.stateOf(message);
    if (state === 'removed') {
      this.#skip(entry, message, 'mailbox_removed');
    } else if (state === undefined) {
      const ageMs = this.#now - Date.parse(message.noticedAt);
      if (ageMs < UNHEARD_AGE_MS_MAX) {
        this.report.snoozed += 1;
        this.#tell(entry, messageKey(message), { outcome: 'snoozed', reason: 'mailbox_unknown' });
        this.#decisions.push(() => entry.delay(UNHEARD_DELAY_MS));
      } else {
        this.#dead(entry, messageKey(message), message, 'mailbox_unknown');
      }
    }
    return state === 'active' || state === 'paused';
  }

  /** Those that will be records: what is declined is no first. */
  async link(
    noticed: readonly Noticed[],
    outcomes: readonly (FlaggedOutcome | undefined)[],
  ): Promise<void> {
    const { beforeThem } = this.#collaborators;
    if (!beforeThem) return;
    const taken = noticed.flatMap(({ message }, index) => {
      const outcome = outcomes[index];
      return outcome?.ok ? [{ message, metadata: outcome.value.metadata }] : [];
    });
    if (taken.length === 0) return;
    const before = await beforeThem(
      taken.map(({ message, metadata: { internetMessageId, from } }) => ({
        key: messageKey(message),
        mailboxId: message.mailboxId,
        internetMessageId,
        address: from?.address ?? null,
      })),
    );
    for (const [index, { message }] of taken.entries()) {
      this.#before.set(message, before[index]);
    }
  }

  judge({ entry, message }: Noticed, outcome: FlaggedOutcome | undefined): void {
    if (!outcome) {
      this.report.retried += 1;
      this.#decisions.push(() => entry.fail(new Error('not judged')));
      return;
    }
    if ('declined' in outcome) {
      const { declined, metadata } = outcome;
      return this.#skip(entry, { ...message, metadata }, declined);
    }
    if (!outcome.ok) {
      this.#refusals.push({ entry, message, error: outcome.error });
      return;
    }
    const { metadata, attachments, flags } = outcome.value;
    const { sameAs = null, isFirstMail = false } = this.#before.get(message) ?? {};
    const record = toRecord(message, metadata, attachments, {
      flags: isFirstMail ? [...flags, 'first_mail'] : flags,
      sameAs,
    });
    this.report.prepared += 1;
    const { sessionId } = message;
    this.#tell(entry, record.id, { outcome: 'prepared', sessionId });
    for (const member of record.truncated ?? []) {
      this.report.truncated[member] = (this.report.truncated[member] ?? 0) + 1;
    }
    this.#records.push(record);
    this.#decisions.push(() => {
      const { outbound, payloads } = this.#collaborators;
      const jobId = jobIdOf(record.id);
      const data = payloads.seal(jobId, { v: 1, record } satisfies DeliverRecord);
      const queue = outbound[shardOfMailbox(message.mailboxId, outbound.length)];
      if (!queue) throw new Error('outbound has no such shard');
      entry.enqueue(queue, JOBS.deliverRecord, data, { jobId });
      entry.complete();
      this.#collaborators.tally?.count(message.mailboxId, 'read');
    });
  }

  /** @throws when the ledger does: then nothing is decided */
  async settle(): Promise<void> {
    await this.#judgeRefusals();
    const { refusals } = this.#collaborators;
    for (const [mailboxId, ids] of this.#parked) await refusals.park(mailboxId, ids);
    if (this.#changes.length > 0) {
      await this.#collaborators.ledger.record(this.#changes);
      await failpoint('processor:after-ledger');
    }
    const [records, ended] = [this.#records, this.#ended];
    if (records.length + ended.length > 0) await this.#collaborators.index?.(records, ended);
    for (const decide of this.#decisions) decide();
    this.#collaborators.tellAttempts?.(this.#attempts, this.#now);
  }

  async #judgeRefusals(): Promise<void> {
    const doubts = this.#refusals.flatMap((one) => {
      const kind = doubtOf(one.error);
      return kind === null ? [] : [{ one, kind, key: messageKey(one.message) }];
    });
    const since = doubts.length === 0 ? [] : await this.#collaborators.refusals.note(doubts);
    const forMs = new Map(doubts.map(({ one }, index) => [one, since[index] ?? 0]));
    for (const one of this.#refusals) this.#refused(one, forMs.get(one) ?? 0);
  }

  #refused({ entry, message, error }: Noticed & { error: GraphError }, forMs: number): void {
    const { report } = this;
    report.refusals[error.code] = (report.refusals[error.code] ?? 0) + 1;
    if (error.support !== '') report.support[error.code] ??= error.support;
    const refusal = onGraphError(error, {
      refusedForMs: forMs,
      random: (this.#collaborators.random ?? Math.random)(),
    });
    const key = messageKey(message);
    const told = { reason: error.code, sessionId: message.sessionId, error };
    switch (refusal.kind) {
      case 'snooze':
        report.snoozed += 1;
        this.#tell(entry, key, { outcome: 'snoozed', ...told });
        this.#decisions.push(() => entry.delay(refusal.ms));
        if (doubtOf(error) === 'refused' && refusal.ms >= PARKED_MS_MIN) this.#park(entry, message);
        break;
      case 'skip':
        this.#skip(entry, message, refusal.reason);
        break;
      case 'dead':
        this.#dead(entry, key, message, refusal.reason, error);
        break;
      case 'retry': {
        report.retried += 1;
        this.#tell(entry, key, { outcome: 'retried', ...told });
        const last = entry.job.attemptsMade + 1 >= (entry.job.opts.attempts ?? 1);
        if (last) {
          this.#change(key, message.sessionId, 'dead', 'attempts_exhausted');
          this.#ended.push({ message, metadata: message.metadata, isSkipped: false });
        }
        this.#decisions.push(() => entry.fail(error));
        break;
      }
    }
  }

  #park({ job }: PrepareEntry, { mailboxId }: IngestMessage): void {
    if (job.id === undefined) return;
    const ids = this.#parked.get(mailboxId) ?? [];
    ids.push(job.id);
    this.#parked.set(mailboxId, ids);
  }

  #skip(entry: PrepareEntry, message: IngestMessage, reason: string): void {
    this.report.skipped += 1;
    const { sessionId } = message;
    this.#tell(entry, messageKey(message), { outcome: 'skipped', reason, sessionId });
    const receivedAt = message.metadata && Date.parse(message.metadata.receivedAt);
    this.#change(messageKey(message), message.sessionId, 'skipped', reason, receivedAt);
    this.#ended.push({ message, metadata: message.metadata, isSkipped: true });
    this.#decisions.push(() => {
      entry.complete();
      this.#collaborators.tally?.count(message.mailboxId, 'read', 'skipped');
    });
  }

  #dead(
    entry: PrepareEntry,
    key: string | undefined,
    message: IngestMessage | null,
    reason: string,
    cause?: GraphError,
  ): void {
    this.report.dead += 1;
    const sessionId = message?.sessionId ?? null;
    this.#tell(entry, key, { outcome: 'dead', reason, sessionId, error: cause });
    if (key !== undefined) this.#change(key, sessionId, 'dead', reason);
    if (message) this.#ended.push({ message, metadata: message.metadata, isSkipped: false });
    this.#decisions.push(() => {
      entry.fail(toDeadLetter(reason, cause));
      if (message) this.#collaborators.tally?.count(message.mailboxId, 'read', 'dead');
    });
  }

  #tell(
    { job }: PrepareEntry,
    key: string | undefined,
    told: Omit<Attempt, 'key' | 'attempt'>,
  ): void {
    if (key !== undefined) this.#attempts.push({ key, attempt: job.attemptsMade + 1, ...told });
  }

  #change(
    key: string,
    sessionId: string | null,
    state: MessageState,
    reason: string,
    receivedAt?: number,
  ): void {
    this.#changes.push({ key, state, at: this.#now, sessionId, reason, receivedAt });
  }
}

/** With what support asks for in its stack, which BullMQ keeps with the job and the ledger has no room for. */
function toDeadLetter(reason: string, cause: GraphError | undefined): DeadLetterError {
  const letter = new DeadLetterError(reason, { cause });
  if (cause) {
    letter.stack = `${letter.stack ?? reason}\n    caused by ${cause.stack ?? cause.message}`;
  }
  return letter;
}
