import {
  AuditWindow,
  folderKey,
  JOBS,
  type MailboxState,
  PayloadTooNewError,
  PollFolder,
  PollRound,
  parsePayload,
  ScanSession,
  StripLetters,
} from '@ms1/contracts';
import { GraphRequestError, GraphTransientError, GraphUnavailableError } from '@ms1/graph-client';
import { CancelError, SnoozeError, type stripLetters, type TakenJob } from '@ms1/queue';
import type { Logger, Progress } from '@ms1/runtime';
import { annotate, inSpan } from '@ms1/tracing';
import pLimit from 'p-limit';

import type { auditWindow } from './auditing/audit-window.ts';
import type { FolderTroubles, Trouble } from './folder-troubles.ts';
import { type Postponed, postponed } from './job-outcome.ts';
import type { PollerMetrics } from './poller-metrics.ts';
import type { pollFolder } from './polling/poll-folder.ts';
import { pollRound } from './polling/poll-round.ts';
import type { WalkedFolder } from './polling/walk-folder.ts';
import type { scanSession } from './scanning/scan-session.ts';
import type { Share } from './scheduling/poll-shares.ts';
import type { createRenewal } from './subscriptions/create-renewal.ts';

export interface PollingJobsOptions {
  poll: (folder: WalkedFolder, signal: AbortSignal) => ReturnType<typeof pollFolder>;
  scan: (job: ScanSession, signal: AbortSignal) => ReturnType<typeof scanSession>;
  /** null: the folder was never walked, so that nothing in it is missing yet */
  audit: (job: AuditWindow, signal: AbortSignal) => ReturnType<typeof auditWindow>;
  renew: ReturnType<typeof createRenewal>;
  /** removes personal data from old dead letters, a part of them at a time */
  strip: (after: StripLetters['after'], signal: AbortSignal) => ReturnType<typeof stripLetters>;
  /** asks for the next part */
  stripMore: (after: StripLetters['after']) => Promise<unknown>;
  /** what the directory says now; undefined: it has never heard of it. Only its folders are ever read, whatever a job says */
  stateOf: (folder: WalkedFolder) => MailboxState | undefined;
  /** ends the work that somebody waits for, of a mailbox that is gone: with nothing found */
  gone: {
    scan: (job: ScanSession) => Promise<unknown>;
    audit: (job: AuditWindow) => Promise<unknown>;
  };
  /** those of a round, as the directory has them now */
  foldersIn: (share: Share) => readonly WalkedFolder[];
  /** folders of rounds that are walked at once */
  concurrency: number;
  /** asks for another walk of a folder before its next round; default: well before */
  pollSooner: (folder: WalkedFolder, afterMs?: number) => Promise<unknown>;
  /** ms between two ticks: what is postponed for longer waits for the next tick */
  pollEveryMs: number;
  /** what operators call a mailbox; default: nothing */
  labelOf?: (mailboxId: string) => string | undefined;
  troubles: FolderTroubles;
  /** told of each end, and of a Graph that does not answer; default: nobody asks */
  progress?: Pick<Progress, 'made' | 'blocked'>;
  metrics: PollerMetrics;
  logger: Logger;
  random: () => number;
  /** aborts when the process is to stop */
  stopping: AbortSignal;
}

/** ms a job of a later version waits for a process that knows it */
const TOO_NEW_MS = 60_000;
/** ms until a paused session is looked at again */
const PAUSED_MS = 2_000;
/** ms until work of a paused mailbox that somebody waits for is looked at again */
const MAILBOX_PAUSED_MS = 5_000;
/** ms until old dead letters are looked at again after that failed */
const STRIP_AGAIN_MS = 60_000;
/** ms until subscriptions that were not all renewed are looked after again: once more before the next tick */
const RENEW_AGAIN_MS = 30_000;
/** ms within which folders that lost their position together begin anew, each at its own time */
const RESET_SPREAD_MS = 30_000;

/**
 * Somebody waits for the end of a scan or an audit, so it is never given up: readiness says that it does
 * not get on, and once the cause is gone it does.
 */
const UNEXPECTED: Postponed = { afterMs: 60_000, trouble: true };

/** Outcomes that do not show that the role gets on. Of a round that is told by each of its folders. */
const NOTHING_MADE = new Set(['postponed', 'failed', 'round']);

const troubleOf = (work: string, folder: string): string => `${work} ${folder}`;

/** What a polling job does, by its name, and how it ends. */
export function createPollingJobs(options: PollingJobsOptions) {
  const { metrics, logger, troubles, random, stopping, progress } = options;

  /** Tells readiness that a folder cannot be read, and the log whose it is and since when. */
  const noteTrouble = (
    id: string,
    folder: WalkedFolder,
    error: unknown,
    later: Postponed | undefined,
  ) => {
    const code = codeOf(error);
    const isDown =
      error instanceof GraphTransientError && !(error instanceof GraphUnavailableError);
    if (isDown) progress?.blocked(`Graph does not answer (${code})`);
    else progress?.made();
    const mailbox = options.labelOf?.(folder.mailboxId);
    const trouble: Trouble = {
      code,
      mailbox,
      afterMs: later?.afterMs,
      passing: later ? !later.trouble : isDown,
      concerns: () => options.stateOf(folder) === 'active',
    };
    // What was removed in the middle, or is moved for a moment, is nobody's trouble.
    if (code === 'graph_unlisted') return { mailbox };
    const since = new Date(troubles.report(id, trouble)).toISOString();
    return { mailbox, since };
  };

  const poll = async (
    { data, attemptsStarted }: TakenJob,
    signal: AbortSignal,
  ): Promise<string> => {
    const folder = known(options, parsePayload(PollFolder, data));
    const key = folderKey(folder);
    const state = options.stateOf(folder);
    if (state !== 'active') {
      troubles.clear(key);
      return `mailbox ${state}`;
    }
    const began = performance.now();
    try {
      const outcome = await options.poll(folder, signal);
      // Of the position itself, perhaps, and not of a message on its page: then it does not get on by itself.
      const isRefused = outcome.kind === 'around' && outcome.error instanceof GraphRequestError;
      if (isRefused) noteTrouble(key, folder, outcome.error, undefined);
      else troubles.clear(key);
      if (outcome.kind === 'around') {
        metrics.relooked(outcome.relook);
        const { code, support } = outcome.error;
        logger.warn(
          { folder: key, code, support, ...outcome.relook },
          'a page of the folder cannot be read: listed around it',
        );
        return outcome.kind;
      }
      if (outcome.kind === 'walked') {
        metrics.walked(outcome.report);
        const durationMs = Math.round(performance.now() - began);
        logger.debug({ folder: key, durationMs, ...outcome.report }, 'folder walked');
        if (outcome.relook !== null) {
          metrics.relooked(outcome.relook);
          const { added, missing } = outcome.relook;
          if (added > 0) logger.warn({ folder: key, added }, 'delta held messages back');
          if (missing > 0) logger.warn({ folder: key, missing }, 'listing incomplete');
        }
        if (outcome.sooner) await options.pollSooner(folder);
        return outcome.kind;
      }
      logger.info({ folder: key, outcome: outcome.kind }, 'folder not walked');
      if (outcome.kind !== 'reset') return outcome.kind;
    } catch (error) {
      // Stopped in the middle of a page: the position stands, and the next tick goes on from it.
      if (stopping.aborted) return 'stopped';
      const later = postponed(error, random);
      if (later === undefined) {
        // A refusal that is no reset, links without an end: the position stands, and somebody has to look.
        noteTrouble(key, folder, error, later);
        throw error;
      }
      const whose = noteTrouble(key, folder, error, later);
      logger.warn({ folder: key, ...whose, err: error, ...timed(later) }, 'folder postponed');
      // Snoozed past the next tick, or again and again, ticks would pile up: the next one comes anyway.
      if (later.afterMs >= options.pollEveryMs || attemptsStarted > 1) return 'postponed';
      throw new SnoozeError(later.afterMs, codeOf(error), { cause: error });
    }
    throw new SnoozeError(Math.ceil(random() * RESET_SPREAD_MS), 'its position was lost');
  };

  const limit = pLimit(options.concurrency);
  const round = async ({ id, data }: TakenJob, signal: AbortSignal): Promise<string> => {
    const { pollSooner } = options;
    const walk = (folder: WalkedFolder): Promise<void> =>
      limit(() => {
        const single: PollFolder = { v: 1, ...folder };
        return end({ id, name: JOBS.pollFolder, data: single, attemptsStarted: 1 }, signal);
      });
    const share = parsePayload(PollRound, data);
    await pollRound({ walk, pollSooner }, options.foldersIn(share));
    return 'round';
  };

  const scan = async ({ data }: TakenJob, signal: AbortSignal): Promise<string> => {
    const job = known(options, parsePayload(ScanSession, data));
    const fields = { folder: folderKey(job), sessionId: job.sessionId };
    if (options.stateOf(job) === 'removed') {
      await options.gone.scan(job);
      troubles.clear(troubleOf(fields.sessionId, fields.folder));
      return 'mailbox removed';
    }
    waitIfPaused(options, job);
    try {
      const outcome = await options.scan(job, signal);
      if (outcome.kind === 'scanned') metrics.scanned(outcome.found, outcome.requeued);
      troubles.clear(troubleOf(fields.sessionId, fields.folder));
      const isWhole = outcome.kind !== 'scanned' || outcome.missing === 0;
      logger[isWhole ? 'info' : 'error']({ ...fields, ...outcome }, 'folder scanned');
      if (outcome.kind !== 'paused') return outcome.kind;
    } catch (error) {
      // Stopped in the middle: another process scans it from the beginning, and nobody counts that.
      if (stopping.aborted) throw new SnoozeError(1_000, 'stopping');
      const later = postponed(error, random) ?? UNEXPECTED;
      const whose = noteTrouble(troubleOf(fields.sessionId, fields.folder), job, error, later);
      logger.warn({ ...fields, ...whose, err: error, ...timed(later) }, 'scan postponed');
      throw new SnoozeError(later.afterMs, codeOf(error), { cause: error });
    }
    throw new SnoozeError(PAUSED_MS, 'the session is paused');
  };

  const audit = async ({ data }: TakenJob, signal: AbortSignal): Promise<string> => {
    const job = known(options, parsePayload(AuditWindow, data));
    const fields = { folder: folderKey(job), auditId: job.auditId };
    const state = options.stateOf(job);
    if (job.auditId === null && state !== 'active') return `mailbox ${state}`;
    if (state === 'removed') {
      await options.gone.audit(job);
      return 'mailbox removed';
    }
    waitIfPaused(options, job);
    try {
      const result = await options.audit(job, signal);
      if (result === null) return 'needless';
      const { listed, counts, repaired, missing = 0 } = result;
      metrics.audited(result);
      if (job.auditId !== null) troubles.clear(troubleOf(job.auditId, fields.folder));
      // The alert: a message that nobody can account for is never business as usual.
      const log = counts.unexplained > 0 || missing > 0 ? 'error' : 'info';
      logger[log]({ ...fields, listed, missing, ...counts, repaired }, 'folder audited');
      if (counts.unexplained > 0) return 'unexplained';
      return missing > 0 ? 'incomplete' : 'explained';
    } catch (error) {
      if (stopping.aborted && job.auditId === null) return 'stopped';
      if (stopping.aborted) throw new SnoozeError(1_000, 'stopping');
      const later = postponed(error, random) ?? UNEXPECTED;
      // The next tick of the rolling audit looks at the same window again.
      const isRolling = job.auditId === null;
      const whose = isRolling
        ? { mailbox: options.labelOf?.(job.mailboxId) }
        : noteTrouble(troubleOf(job.auditId ?? '', fields.folder), job, error, later);
      logger.warn({ ...fields, ...whose, err: error, ...timed(later) }, 'audit postponed');
      if (isRolling) return 'postponed';
      throw new SnoozeError(later.afterMs, codeOf(error), { cause: error });
    }
  };

  const renew = async ({ attemptsStarted }: TakenJob, signal: AbortSignal): Promise<string> => {
    try {
      const report = await options.renew(signal);
      if (report === null) return 'busy';
      const { failures, ...counts } = report;
      const codes = [...new Set(failures.map(codeOf))].toSorted();
      const fields = { ...counts, failed: failures.length, codes, err: failures[0] };
      if (failures.length === 0) {
        troubles.clear(JOBS.renewSubscriptions);
        logger.info(fields, 'subscriptions checked');
        return 'done';
      }
      troubles.report(JOBS.renewSubscriptions, {
        code: codes.join(' and '),
        afterMs: RENEW_AGAIN_MS,
      });
      logger.warn(fields, 'subscriptions not all renewed');
    } catch (error) {
      if (stopping.aborted) return 'stopped';
      troubles.report(JOBS.renewSubscriptions, { code: codeOf(error), afterMs: RENEW_AGAIN_MS });
      logger.warn({ err: error }, 'subscriptions not checked');
    }
    // The tick after that is the next retry, and delta finds what is not announced meanwhile.
    if (attemptsStarted > 1) return 'failed';
    throw new SnoozeError(RENEW_AGAIN_MS, 'not all renewed');
  };

  const strip = async ({ data }: TakenJob, signal: AbortSignal): Promise<string> => {
    const { after } = parsePayload(StripLetters, data);
    try {
      const { after: next, ...counts } = await options.strip(after, signal);
      const log = counts.unreadable > 0 ? 'warn' : 'info';
      logger[log]({ ...counts, more: next !== null }, 'old dead letters stripped');
      if (next !== null) await options.stripMore(next);
      return next === null ? 'done' : 'more';
    } catch (error) {
      if (stopping.aborted) return 'stopped';
      logger.warn({ err: error }, 'old dead letters not stripped');
      throw new SnoozeError(STRIP_AGAIN_MS, codeOf(error), { cause: error });
    }
  };

  const run = (job: TakenJob, signal: AbortSignal): Promise<string> => {
    switch (job.name) {
      case JOBS.pollFolder:
        return poll(job, signal);
      case JOBS.pollRound:
        return round(job, signal);
      case JOBS.scanSession:
        return scan(job, signal);
      case JOBS.auditWindow:
        return audit(job, signal);
      case JOBS.renewSubscriptions:
        return renew(job, signal);
      case JOBS.stripLetters:
        return strip(job, signal);
      default:
        // Of a later version of this fleet: for a process that knows it.
        throw new SnoozeError(TOO_NEW_MS, 'unknown job name');
    }
  };

  const end = async (job: TakenJob, signal: AbortSignal): Promise<void> => {
    try {
      const outcome = await inSpan(job.name, 'internal', async () => {
        const ended = await run(job, AbortSignal.any([signal, stopping]));
        annotate({ 'ms1.outcome': ended });
        return ended;
      });
      if (!NOTHING_MADE.has(outcome)) progress?.made();
      metrics.ended(job.name, outcome);
    } catch (error) {
      const outcome = toOutcome(error);
      metrics.ended(job.name, codeOf(outcome));
      throw outcome;
    }
  };
  return end;
}

/** When it is tried again, for people too. */
function timed({ afterMs, trouble }: Postponed) {
  return { afterMs, trouble, until: new Date(Date.now() + afterMs).toISOString() };
}

function known<T extends WalkedFolder>(options: PollingJobsOptions, folder: T): T {
  if (options.stateOf(folder) !== undefined) return folder;
  throw new CancelError('its mailbox is not in the directory');
}

/** Of a paused mailbox nothing new is noticed, and a scan or an audit would. */
function waitIfPaused(options: PollingJobsOptions, folder: WalkedFolder): void {
  if (options.stateOf(folder) === 'paused') {
    throw new SnoozeError(MAILBOX_PAUSED_MS, 'its mailbox is paused');
  }
}

/** A payload that does not parse never will; one of a later version is for a later process. */
function toOutcome(error: unknown): unknown {
  if (error instanceof PayloadTooNewError) {
    return new SnoozeError(TOO_NEW_MS, error.code, { cause: error });
  }
  return codeOf(error) === 'payload_invalid'
    ? new CancelError('its payload does not parse', { cause: error })
    : error;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'failed';
}
