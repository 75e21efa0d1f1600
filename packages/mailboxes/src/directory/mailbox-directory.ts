import { MailboxEntry, MailboxSettings, type MailboxState } from '@ms1/contracts';
import { defineScript, Keeper, storeKey } from '@ms1/redis';
import { MailboxConflictError, MailboxNotFoundError } from './mailbox-errors.ts';
import { nextEntry, restoredEntry, seededEntry, type Unrevised } from './next-entry.ts';
import { type Epoch, readEpoch, StoreEpoch } from './store-epoch.ts';

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

/** The mailboxes that may be read, with their settings: one hash, and the revision of its latest change. */
export class MailboxDirectory extends Keeper {
  readonly epoch = new StoreEpoch(this.redis, { prefix: this.prefix, clock: this.clock });
  readonly #entries = storeKey(this.prefix, 'directory', 'mailboxes');
  readonly #revision = storeKey(this.prefix, 'directory', 'revision');
  readonly #put = defineScript(this.redis, 'ms1MailboxPut', PUT_LUA);

  /** Of the latest change; 0 while there is none. */
  async revision(): Promise<number> {
    return (await this.look()).revision;
  }

  /** What tells whether anything changed, and whether this is still the store it was. One MGET: what watches asks for it. */
  async look(): Promise<{ revision: number; epoch: Epoch | null }> {
    const [revision, epoch] = await this.redis.mget(this.#revision, this.epoch.key);
    return { revision: Number(revision ?? 0), epoch: epoch ? readEpoch(epoch) : null };
  }

  /** All mailboxes, the removed ones too, by id, as of one moment. */
  async list(): Promise<MailboxList> {
    const replies = await this.redis.multi().get(this.#revision).hvals(this.#entries).exec();
    const [revision, values] = (replies ?? []).map(([error, value]) => {
      if (error) throw error;
      return value;
    });
    const entries = ((values ?? []) as string[]).map(unpack);
    entries.sort((a, b) => a.mailboxId.localeCompare(b.mailboxId));
    return { revision: Number(revision ?? 0), entries };
  }

  async get(mailboxId: string): Promise<MailboxEntry | null> {
    const value = await this.redis.hget(this.#entries, mailboxId.toLowerCase());
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
      ...nextEntry(previous, wanted, { now: this.clock.now(), state: options.state }),
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
      const change = { now: this.clock.now(), state };
      return { ...nextEntry(previous, previous, change), origin: 'api' };
    });
  }

  /**
   * What the environment names, at a start. Adds what is new and renames what it added before. What an
   * operator changed or removed stays as it is, and so does what is not named: to remove is an operator's word.
   *
   * @returns how many entries changed
   */
  async seed(named: readonly MailboxSettings[]): Promise<number> {
    const { entries } = await this.list();
    const known = new Map(entries.map((entry) => [entry.mailboxId, entry]));
    const change = { now: this.clock.now(), first: entries.length === 0 };
    let changed = 0;
    for (const wanted of named.map((settings) => MailboxSettings.parse(settings))) {
      const before = known.get(wanted.mailboxId) ?? null;
      const after = seededEntry(before, wanted, change);
      if (after === null) continue;
      // Another process seeds the same, or an operator was faster: theirs stands.
      changed += (await this.#write(after, before?.revision ?? 0)) === null ? 0 : 1;
    }
    return changed;
  }

  /**
   * Puts back what a process remembers of mailboxes that Redis has lost, or knows an older state of. An entry
   * is never taken out of the directory: absence is a loss, not an order.
   *
   * @param bornAt ms since the epoch: what was seeded since knew nothing of what was lost
   * @returns how many entries were put back
   */
  async restore(remembered: readonly MailboxEntry[], bornAt: number): Promise<number> {
    const { entries } = await this.list();
    const known = new Map(entries.map((entry) => [entry.mailboxId, entry]));
    let restored = 0;
    for (const entry of remembered) {
      const current = known.get(entry.mailboxId) ?? null;
      const after = restoredEntry(entry, current, bornAt);
      if (after === null) continue;
      restored += (await this.#write(after, current?.revision ?? 0)) === null ? 0 : 1;
    }
    return restored;
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

function unpack(value: string): MailboxEntry {
  const end = value.indexOf(':');
  const entry = JSON.parse(value.slice(end + 1));
  return MailboxEntry.parse({ ...entry, revision: Number(value.slice(0, end)) });
}
