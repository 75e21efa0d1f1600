import { randomBytes } from 'node:crypto';
import { type FolderRef, folderKey, type StateCounts } from '@ms1/contracts';
import { defineScript, gather, Keeper, type Redis, storeKey } from '@ms1/redis';
import { LRUCache } from 'lru-cache';

import { latestFirst, type PageRequest } from '../latest-first.ts';
import { RETENTION_MS } from '../ledger.ts';
import type { ShardedOptions } from '../shards/shards.ts';
import { stateCounts } from '../state-counts.ts';
import {
  packScan,
  type ScanProgress,
  type ScanResult,
  unpackScans,
  unpackSums,
} from './folder-scan.ts';
import { hasSums, readMailboxes, readStored, toSession } from './read-session.ts';
import {
  CANCEL_SESSION_LUA,
  CLOSE_SESSION_LUA,
  COUNT_SCANS_LUA,
  CREATE_SESSION_LUA,
  FINISH_SESSION_LUA,
  FORGET_SESSIONS_LUA,
  PAUSE_SESSION_LUA,
  RECORD_SCAN_LUA,
  RESUME_SESSION_LUA,
} from './session.lua.ts';
import {
  type NewSession,
  type Session,
  SessionConflictError,
  SessionNotFoundError,
  type SessionStatus,
  SessionStatusError,
} from './session.ts';
import { sessionCountsKey, sessionKey } from './session-key.ts';
import { ShardSessions } from './shard-sessions.ts';

export interface SessionStoreOptions extends ShardedOptions {
  /** ms that a session is kept after its end; default 35 days, as long as the ledger entries it counts */
  retentionMs?: number;
}

/** Sessions whose mailboxes are remembered: 50 of 5,000 are 20 MB, and pages look at the latest few. */
const REMEMBERED = 50;

/** Mailboxes a command that are looked up: a millisecond. */
const ASKED_MAX = 500;
/** Sessions a command that are forgotten: a millisecond. */
const FORGET_STEP = 100;

/** Sessions, in Redis hashes; their counters are kept by the {@link Ledger}. Every change of status is one script. */
export class SessionStore extends Keeper {
  readonly #retentionMs: number;
  readonly #inShards: ShardSessions;
  readonly #create = defineScript(this.redis, 'ms1SessionCreate', CREATE_SESSION_LUA);
  readonly #close = defineScript(this.redis, 'ms1SessionClose', CLOSE_SESSION_LUA);
  readonly #cancel = defineScript(this.redis, 'ms1SessionCancel', CANCEL_SESSION_LUA);
  readonly #finish = defineScript(this.redis, 'ms1SessionFinish', FINISH_SESSION_LUA);
  readonly #recordScan = defineScript(this.redis, 'ms1SessionRecordScan', RECORD_SCAN_LUA);
  readonly #pause = defineScript(this.redis, 'ms1SessionPause', PAUSE_SESSION_LUA);
  readonly #resume = defineScript(this.redis, 'ms1SessionResume', RESUME_SESSION_LUA);
  readonly #forget = defineScript(this.redis, 'ms1SessionForget', FORGET_SESSIONS_LUA);
  readonly #countScans = defineScript(this.redis, 'ms1SessionCountScans', COUNT_SCANS_LUA);
  readonly #activeSessionOf = gather(
    (mailboxIds: readonly string[]) => this.redis.hmget(this.#mailboxes, ...mailboxIds),
    ASKED_MAX,
  );
  readonly #mailboxesOf = new LRUCache<string, string[]>({ max: REMEMBERED });

  constructor(redis: Redis, options: SessionStoreOptions = {}) {
    super(redis, options);
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
    this.#inShards = new ShardSessions(redis, { ...options, retentionMs: this.#retentionMs });
  }

  /**
   * Opens a session. The same request again, while it is open or closing, answers with the one there is.
   *
   * @throws {SessionConflictError} when its name or a mailbox belongs to another open one
   */
  async create(request: NewSession): Promise<{ session: Session; created: boolean }> {
    const mailboxes = [...new Set(request.mailboxes.map((id) => id.toLowerCase()))].toSorted();
    // Bounds are normalised to UTC with milliseconds, so that equal moments are equal text and sort as text.
    const from = moment(request.from);
    const to = moment(request.to);
    // 48 bits: sessions are counted in thousands, and every ledger entry carries the id.
    const id = randomBytes(6).toString('base64url');
    const [outcome, about] = (await this.#create(
      [this.#index, this.#names, this.#mailboxes, this.#key(id)],
      [
        id,
        this.clock.now(),
        JSON.stringify([mailboxes, from, to]),
        request.name,
        from,
        to,
        JSON.stringify(mailboxes),
        ...mailboxes,
      ],
    )) as ['created' | 'same' | 'name' | 'mailbox', string];
    if (outcome === 'name') throw new SessionConflictError('session_name_taken', about);
    if (outcome === 'mailbox') throw new SessionConflictError('session_mailbox_busy', about);
    return { session: await this.#told(about), created: outcome === 'created' };
  }

  async get(id: string): Promise<Session | null> {
    return (await this.#read([id]))[0] ?? null;
  }

  /** The latest sessions first; with `before`, those made before that one. */
  async list(page: PageRequest = {}): Promise<Session[]> {
    return this.#read(await latestFirst(this.redis, this.#index, page));
  }

  /** The ids of those that are open or closing. One command. */
  async unfinished(): Promise<string[]> {
    return this.redis.hvals(this.#names);
  }

  /** The open session that messages of a mailbox belong to, or null. One command for all that ask at once. */
  activeSessionOf(mailboxId: string): Promise<string | null> {
    return this.#activeSessionOf(mailboxId.toLowerCase());
  }

  /** Where the messages of a session stand. One command. */
  async counts(id: string): Promise<StateCounts> {
    return stateCounts(await this.#inShards.counters(id));
  }

  /**
   * Ends the window now and lays down the folders to list. Changes nothing when it was closed before.
   *
   * @throws {SessionNotFoundError}
   * @throws {SessionStatusError} when it was cancelled
   */
  async close(id: string, folders: readonly FolderRef[]): Promise<Session> {
    const now = this.clock.now();
    const status = (await this.#close(
      [this.#key(id), this.#mailboxes, this.#scans(id)],
      [
        id,
        now,
        new Date(now).toISOString(),
        ...folders.flatMap((folder) => [folderKey(folder), packScan(folder)]),
      ],
    )) as SessionStatus | null;
    if (status === null) throw new SessionNotFoundError();
    if (status === 'cancelled') throw new SessionStatusError(status, 'closed');
    return this.#told(id);
  }

  /**
   * Ends a session without a scan. Changes nothing when it was cancelled before.
   *
   * @throws {SessionNotFoundError}
   * @throws {SessionStatusError} when it is finished
   */
  async cancel(id: string): Promise<Session> {
    const status = (await this.#cancel(
      [this.#key(id), this.#mailboxes, this.#names],
      [id, this.clock.now()],
    )) as SessionStatus | null;
    if (status === null) throw new SessionNotFoundError();
    if (status === 'finished') throw new SessionStatusError(status, 'cancelled');
    return this.#told(id);
  }

  /**
   * Has the listing of its folders rest. What is on the queues goes on.
   *
   * @throws {SessionNotFoundError}
   * @throws {SessionStatusError} when it has ended
   */
  async pause(id: string): Promise<Session> {
    const status = (await this.#pause([this.#key(id)], [])) as SessionStatus | null;
    if (status === null) throw new SessionNotFoundError();
    if (status !== 'open' && status !== 'closing') throw new SessionStatusError(status, 'paused');
    return this.#existing(id);
  }

  /**
   * Goes on with a session that was paused or cancelled.
   *
   * @throws {SessionNotFoundError}
   * @throws {SessionStatusError} when it is finished
   * @throws {SessionConflictError} when another open one has its name or a mailbox by now
   */
  async resume(id: string): Promise<Session> {
    const keys = [this.#key(id), this.#names, this.#mailboxes];
    const [outcome, other = ''] = (await this.#resume(keys, [id])) as string[];
    if (outcome === undefined) throw new SessionNotFoundError();
    if (outcome === 'finished') throw new SessionStatusError(outcome, 'resumed');
    if (outcome === 'name') throw new SessionConflictError('session_name_taken', other);
    if (outcome === 'mailbox') throw new SessionConflictError('session_mailbox_busy', other);
    return this.#told(id);
  }

  /** How far listing a folder had come when it was interrupted; null before its first page. */
  async scanProgress(id: string, folder: FolderRef): Promise<ScanProgress | null> {
    const packed = await this.redis.hget(this.#scans(id), folderKey(folder));
    const [scan] = packed === null ? [] : unpackScans([packed]);
    if (scan?.reached === undefined) return null;
    return { reached: scan.reached, seen: scan.seen ?? 0, requeued: scan.requeued ?? 0 };
  }

  /** Notes how far listing a folder has come, after every message so far is in the ledger. */
  async recordScanProgress(
    id: string,
    folder: FolderRef,
    progress: ScanProgress,
  ): Promise<'goes on' | 'paused' | 'needless'> {
    const keys = [this.#key(id), this.#scans(id)];
    const outcome = await this.#recordScan(keys, [
      folderKey(folder),
      packScan(folder, progress),
      'progress',
    ]);
    if (outcome === 0) return 'needless';
    return outcome === 2 ? 'paused' : 'goes on';
  }

  /** Folders of a closing session that were not listed yet. Counts its scans anew, too. */
  async pendingScans(id: string): Promise<FolderRef[]> {
    await this.#sumsAnew(id);
    const scans = unpackScans(await this.redis.hvals(this.#scans(id)));
    return scans
      .filter(({ found }) => found === undefined)
      .map(({ mailboxId, folderId }) => ({ mailboxId, folderId }));
  }

  /**
   * Reports one listed folder, after every message it found is in the ledger. Again: replaces the
   * first report. False when the session does not wait for it (cancelled, finished, not its folder).
   */
  async recordScan(id: string, folder: FolderRef, result: ScanResult): Promise<boolean> {
    const keys = [this.#key(id), this.#scans(id)];
    return (
      (await this.#recordScan(keys, [folderKey(folder), packScan(folder, result), 'end'])) !== 0
    );
  }

  /**
   * Finishes a closing session once every folder is listed and every message found is final. Called
   * as often as one likes, by any process. True when this call finished it.
   */
  async finish(id: string): Promise<boolean> {
    if (this.#inShards.isSpread && !(await this.#isDone(id))) return false;
    const keys = [this.#key(id), this.#mailboxes, this.#names, this.#scans(id)];
    const counters = sessionCountsKey(this.prefix, id);
    const isFinished = (await this.#finish([...keys, counters], [id, this.clock.now()])) === 1;
    if (isFinished) await this.#inShards.tell(id, 'finished');
    return isFinished;
  }

  /** Forgets what ended longer ago than sessions are kept. */
  async forgetEnded(): Promise<void> {
    const endedBefore = this.clock.now() - this.#retentionMs;
    const prefixes = [this.#key(''), this.#scans(''), sessionCountsKey(this.prefix, '')];
    for (let [looked, stepped] = [FORGET_STEP, 0]; looked === FORGET_STEP; ) {
      const answer = await this.#forget(
        [this.#index],
        [endedBefore, stepped, FORGET_STEP, ...prefixes],
      );
      const [seen = 0, stay = 0] = answer as number[];
      looked = seen;
      stepped += stay;
    }
  }

  /** First that all folders are listed, and then the counters: what a scan adds is counted before the scan has ended. */
  async #isDone(id: string): Promise<boolean> {
    const stored = await readStored(this.redis, this.#key(id));
    if (stored?.status !== 'closing') return false;
    const { folders, done } = stored.sums ?? unpackSums(await this.#sumsAnew(id));
    if (done < folders) return false;
    const { queued, prepared } = await this.counts(id);
    return queued <= 0 && prepared <= 0;
  }

  /** Asked for again it is told again: whoever told the shards the first time may have died in the middle. */
  async #told(id: string): Promise<Session> {
    const session = await this.#existing(id);
    await this.#inShards.tell(id, session.status);
    return session;
  }

  async #existing(id: string): Promise<Session> {
    const session = await this.get(id);
    if (!session) throw new SessionNotFoundError();
    return session;
  }

  async #read(ids: readonly string[]): Promise<Session[]> {
    const sessions = await Promise.all(ids.map((id) => this.#readOne(id)));
    return sessions.filter((session) => session !== null);
  }

  /** However many folders and mailboxes it has, in two small commands; the mailboxes once, the scans never. */
  async #readOne(id: string): Promise<Session | null> {
    const [stored, counters] = await Promise.all([
      readStored(this.redis, this.#key(id)),
      this.#inShards.counters(id),
    ]);
    if (stored === null) return null;
    const sums = hasSums(stored)
      ? (stored.sums ?? unpackSums(''))
      : unpackSums(await this.#sumsAnew(id));
    return toSession(id, stored, await this.#rememberedMailboxes(id), counters, sums);
  }

  async #sumsAnew(id: string): Promise<string> {
    return (await this.#countScans([this.#key(id), this.#scans(id)], [])) as string;
  }

  async #rememberedMailboxes(id: string): Promise<string[]> {
    const known = this.#mailboxesOf.get(id);
    if (known !== undefined) return known;
    const mailboxes = await readMailboxes(this.redis, this.#key(id));
    this.#mailboxesOf.set(id, mailboxes);
    return mailboxes;
  }

  get #index(): string {
    return storeKey(this.prefix, 'session', 'index');
  }

  get #names(): string {
    return storeKey(this.prefix, 'session', 'open-names');
  }

  get #mailboxes(): string {
    return storeKey(this.prefix, 'session', 'open-mailboxes');
  }

  #key(id: string): string {
    return sessionKey(this.prefix, id);
  }

  #scans(id: string): string {
    return storeKey(this.prefix, 'session', 'scans', id);
  }
}

function moment(value: string | null | undefined): string {
  return value ? new Date(value).toISOString() : '';
}
