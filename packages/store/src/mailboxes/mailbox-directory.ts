import { isDeepStrictEqual } from 'node:util';
import {
  DEFAULT_KEY_PREFIX,
  MailboxEntry,
  MailboxSettings,
  type MailboxState,
} from '@ms1/contracts';
import { type Clock, systemClock } from '@ms1/runtime';
import type { Redis } from 'ioredis';

import { defineScript } from '../define-script.ts';
import { storeKey } from '../store-key.ts';
import { MailboxConflictError, MailboxNotFoundError } from './mailbox-errors.ts';

export interface MailboxDirectoryOptions {
  prefix?: string;
  clock?: Clock;
}

export interface MailboxList {
  /** of the directory: that of its latest change; 0 while it is empty */
  revision: number;
  entries: MailboxEntry[];
}

/**
 *     KEYS  entries, revision     ARGV  mailbox id, its JSON, expected revision or ''
 *
 * A value is `<revision>:<JSON>`. Revisions grow with Redis's time and at least by one: one that was
 * lost with Redis's last second is not given again to something else.
 */
const PUT_LUA = `
local value = redis.call('HGET', KEYS[1], ARGV[1])
local current = value and string.match(value, '^%d+') or '0'
if ARGV[3] ~= '' and ARGV[3] ~= current then return {0, tonumber(current)} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), tonumber(current))
local revision = string.format('%.0f', math.max(last + 1, now))
redis.call('SET', KEYS[2], revision)
redis.call('HSET', KEYS[1], ARGV[1], revision .. ':' .. ARGV[2])
return {1, tonumber(revision)}
`;

/** A change that another change came before is made again on what is there now; more often something is wrong. */
const ATTEMPTS = 10;

/** The mailboxes that may be read, and what is to be done with them. One hash, and the revision of its latest change. */
export class MailboxDirectory {
  readonly #redis: Redis;
  readonly #entries: string;
  readonly #revision: string;
  readonly #clock: Clock;
  readonly #put: ReturnType<typeof defineScript>;

  constructor(redis: Redis, options: MailboxDirectoryOptions = {}) {
    const prefix = options.prefix ?? DEFAULT_KEY_PREFIX;
    this.#redis = redis;
    this.#clock = options.clock ?? systemClock;
    this.#entries = storeKey(prefix, 'directory', 'mailboxes');
    this.#revision = storeKey(prefix, 'directory', 'revision');
    this.#put = defineScript(redis, 'ms1MailboxPut', PUT_LUA);
  }

  /** Of the latest change; 0 while there is none. One GET: what watches the directory asks for it. */
  async revision(): Promise<number> {
    return Number((await this.#redis.get(this.#revision)) ?? 0);
  }

  /** All mailboxes, the removed ones too, by id, as of one moment. */
  async list(): Promise<MailboxList> {
    const replies = await this.#redis.multi().get(this.#revision).hvals(this.#entries).exec();
    const [revision, values] = (replies ?? []).map(([error, value]) => {
      if (error) throw error;
      return value;
    });
    const entries = ((values ?? []) as string[]).map(unpack);
    entries.sort((a, b) => a.mailboxId.localeCompare(b.mailboxId));
    return { revision: Number(revision ?? 0), entries };
  }

  async get(mailboxId: string): Promise<MailboxEntry | null> {
    const value = await this.#redis.hget(this.#entries, mailboxId.toLowerCase());
    return value === null ? null : unpack(value);
  }

  /**
   * An operator adds a mailbox or says anew what it is. From then on the environment has no say in it.
   *
   * @param options.state default: what it was; `active` for one that was not there or removed
   * @param options.ifRevision of the entry as it was read; 0: only when there is none
   * @throws {MailboxConflictError} when it is at another revision
   * @throws {ZodError} when the settings are not valid
   */
  async put(
    settings: MailboxSettings,
    options: { state?: MailboxState; ifRevision?: number } = {},
  ): Promise<MailboxEntry> {
    const wanted = MailboxSettings.parse(settings);
    return this.#change(wanted.mailboxId, options.ifRevision, (previous) => ({
      ...this.#next(previous, wanted, options.state),
      origin: 'api',
    }));
  }

  /**
   * Pauses, resumes or removes. An operator's word too.
   *
   * @throws {MailboxNotFoundError}
   * @throws {MailboxConflictError} when `ifRevision` is given and it is at another
   */
  async setState(
    mailboxId: string,
    state: MailboxState,
    { ifRevision }: { ifRevision?: number } = {},
  ): Promise<MailboxEntry> {
    return this.#change(mailboxId.toLowerCase(), ifRevision, (previous) => {
      if (previous === null) throw new MailboxNotFoundError();
      return { ...this.#next(previous, previous, state), origin: 'api' };
    });
  }

  /**
   * What the environment names, at a start. Adds what is new and lets what it added before follow it:
   * renamed, or removed when it is named no longer. What an operator changed or removed stays as it is.
   *
   * @returns how many entries changed
   */
  async seed(named: readonly MailboxSettings[]): Promise<number> {
    const wanted = new Map(
      named.map((settings) => {
        const parsed = MailboxSettings.parse(settings);
        return [parsed.mailboxId, parsed];
      }),
    );
    const { entries } = await this.list();
    const known = new Map(entries.map((entry) => [entry.mailboxId, entry]));
    let changed = 0;
    for (const mailboxId of new Set([...known.keys(), ...wanted.keys()])) {
      const before = known.get(mailboxId) ?? null;
      const after = this.#seeded(before, wanted.get(mailboxId));
      if (after === null) continue;
      // Another process seeds the same, or an operator was faster: theirs stands.
      changed += (await this.#write(after, before?.revision ?? 0)) === null ? 0 : 1;
    }
    return changed;
  }

  #seeded(before: MailboxEntry | null, wanted?: MailboxSettings): Unrevised | null {
    if (before?.origin === 'api') return null;
    if (wanted === undefined) {
      if (before === null || before.state === 'removed') return null;
      return { ...this.#next(before, before, 'removed'), origin: 'config' };
    }
    const after = { ...this.#next(before, wanted), origin: 'config' as const };
    return before !== null && isSame(before, after) ? null : after;
  }

  #next(
    previous: MailboxEntry | null,
    settings: MailboxSettings,
    state?: MailboxState,
  ): Omit<Unrevised, 'origin'> {
    const { tenantId, mailboxId, label, folders, rules } = settings;
    const now = this.#clock.now();
    const lives = previous !== null && previous.state !== 'removed';
    return {
      tenantId,
      mailboxId,
      label,
      folders,
      rules,
      state: state ?? (lives ? previous.state : 'active'),
      addedAt: lives || (previous && state === 'removed') ? previous.addedAt : now,
      forgetBefore: lives || previous === null ? (previous?.forgetBefore ?? null) : now,
      changedAt: now,
    };
  }

  async #change(
    mailboxId: string,
    ifRevision: number | undefined,
    change: (previous: MailboxEntry | null) => Unrevised,
  ): Promise<MailboxEntry> {
    for (let attempt = 1; ; attempt += 1) {
      const previous = await this.get(mailboxId);
      const revision = previous?.revision ?? 0;
      if (ifRevision !== undefined && ifRevision !== revision) {
        throw new MailboxConflictError(revision);
      }
      const written = await this.#write(change(previous), revision);
      if (written) return written;
      if (attempt === ATTEMPTS) throw new MailboxConflictError(revision);
    }
  }

  /** null: it was not at this revision */
  async #write(entry: Unrevised, ifRevision: number): Promise<MailboxEntry | null> {
    const keys = [this.#entries, this.#revision];
    const args = [entry.mailboxId, JSON.stringify(entry), ifRevision];
    const [written, revision] = (await this.#put(keys, args)) as [number, number];
    return written === 1 ? { ...entry, revision } : null;
  }
}

type Unrevised = Omit<MailboxEntry, 'revision'>;

function unpack(value: string): MailboxEntry {
  const end = value.indexOf(':');
  const entry = JSON.parse(value.slice(end + 1));
  return MailboxEntry.parse({ ...entry, revision: Number(value.slice(0, end)) });
}

/** Apart from when it was written. */
function isSame(before: MailboxEntry, after: Unrevised): boolean {
  const { revision: _, ...rest } = before;
  const times = { addedAt: 0, changedAt: 0 };
  return isDeepStrictEqual({ ...rest, ...times }, { ...after, ...times });
}
