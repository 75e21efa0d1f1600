import { randomBytes } from 'node:crypto';
import { AuditResult, type FolderRef, folderKey } from '@ms1/contracts';
import { defineScript, Keeper, type KeeperOptions, type Redis, storeKey } from '@ms1/redis';
import { z } from 'zod';

import { latestFirst, type PageRequest } from '../latest-first.ts';
import type { Audit, AuditedFolder, NewAudit } from './audit.ts';

export interface AuditStoreOptions extends KeeperOptions {
  /** ms that an audit is kept; default 35 days, as long as the ledger entries it speaks of */
  retentionMs?: number;
}

const RETENTION_MS = 35 * 24 * 3_600_000;

const Head = z.object({
  createdAt: z.number(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  sessionId: z.string().nullable(),
  repair: z.boolean(),
  replay: z.string().optional(),
});
const Folder = z.object({
  mailboxId: z.string(),
  folderId: z.string(),
  result: AuditResult.nullable(),
});

/** Field of an audit's hash that is not a folder: a folder's key has 22 characters. */
const HEAD = 'audit';

/**
 * Every report looks at three others and drops those that are too old: their folders are gone, or they would have been
 * audited again.
 *
 *     KEYS  the rolling audit     ARGV  folder key, folder (JSON), oldest time kept (RFC 3339, UTC, ms), retention in ms
 */
const REPORT_ROLLING_LUA = `
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local some = redis.call('HRANDFIELD', KEYS[1], 3, 'WITHVALUES')
for i = 1, #some, 2 do
  local at = string.match(some[i + 1], '"at":"([^"]*)"')
  if at and at < ARGV[3] then redis.call('HDEL', KEYS[1], some[i]) end
end
return 1
`;

/** Audits with what they found, one hash each, and the latest result of the rolling audit for each folder. */
export class AuditStore extends Keeper {
  readonly #retentionMs: number;
  readonly #reportRolling = defineScript(this.redis, 'ms1AuditReportRolling', REPORT_ROLLING_LUA);

  constructor(redis: Redis, options: AuditStoreOptions = {}) {
    super(redis, options);
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
  }

  async create({ folders, ...request }: NewAudit): Promise<Audit> {
    const id = randomBytes(6).toString('base64url');
    const createdAt = this.clock.now();
    const pending = folders.map((folder) => [folderKey(folder), pack(folder, null)] as const);
    const head = JSON.stringify({ ...request, createdAt } satisfies z.infer<typeof Head>);
    const index = request.sessionId === null ? [] : [request.sessionId];
    const transaction = this.redis
      .multi()
      .hset(this.#key(id), Object.fromEntries([[HEAD, head], ...pending]))
      .pexpire(this.#key(id), this.#retentionMs)
      .zremrangebyscore(this.#index, 0, createdAt - this.#retentionMs)
      .zadd(this.#index, createdAt, id);
    for (const sessionId of index) {
      transaction.set(this.#ofSession(sessionId), id, 'PX', this.#retentionMs);
    }
    await transaction.exec();
    const audited = folders.map(({ mailboxId, folderId }) => ({
      mailboxId,
      folderId,
      result: null,
    }));
    return { id, createdAt, ...request, folders: audited };
  }

  async get(id: string): Promise<Audit | null> {
    const { [HEAD]: head, ...folders } = await this.redis.hgetall(this.#key(id));
    if (head === undefined) return null;
    return { id, ...Head.parse(JSON.parse(head)), folders: Object.values(folders).map(unpack) };
  }

  /** The latest first; with `before`, those made before that one. */
  async list(page: PageRequest = {}): Promise<Audit[]> {
    const ids = await latestFirst(this.redis, this.#index, page);
    const audits = await Promise.all(ids.map((id) => this.get(id)));
    return audits.filter((audit) => audit !== null);
  }

  /** The latest audit that is the report of a session. */
  async latestOf(sessionId: string): Promise<Audit | null> {
    const id = await this.redis.get(this.#ofSession(sessionId));
    return id === null ? null : this.get(id);
  }

  /** Reports one folder; without an audit's id, of the rolling audit. Again: replaces the first report. */
  async report(auditId: string | null, folder: FolderRef, result: AuditResult): Promise<void> {
    const packed = pack(folder, result);
    if (auditId === null) {
      const oldest = new Date(this.clock.now() - this.#retentionMs).toISOString();
      await this.#reportRolling(
        [this.#rolling],
        [folderKey(folder), packed, oldest, this.#retentionMs],
      );
      return;
    }
    // One that has expired meanwhile must not come back as a hash without a head, for ever.
    if ((await this.redis.hexists(this.#key(auditId), HEAD)) === 0) return;
    await this.redis.hset(this.#key(auditId), folderKey(folder), packed);
  }

  /** What the rolling audit last found in each folder. */
  async rolling(): Promise<AuditedFolder[]> {
    return (await this.redis.hvals(this.#rolling)).map(unpack);
  }

  #key(id: string): string {
    return storeKey(this.prefix, 'audit', 'record', id);
  }

  #ofSession(sessionId: string): string {
    return storeKey(this.prefix, 'audit', 'session', sessionId);
  }

  get #index(): string {
    return storeKey(this.prefix, 'audit', 'index');
  }

  get #rolling(): string {
    return storeKey(this.prefix, 'audit', 'rolling');
  }
}

function pack({ mailboxId, folderId }: FolderRef, result: AuditResult | null): string {
  return JSON.stringify({ mailboxId, folderId, result });
}

function unpack(json: string): AuditedFolder {
  return Folder.parse(JSON.parse(json));
}
