import { setTimeout as delay } from 'node:timers/promises';
import type { Task } from '@ms1/runtime';
import type { MailboxDirectory } from './mailbox-directory.ts';
import { MailboxSnapshot } from './mailbox-snapshot.ts';
import type { Epoch } from './store-epoch.ts';

export interface WatchedDirectoryOptions {
  directory: Pick<MailboxDirectory, 'look' | 'list' | 'restore'> & {
    epoch: Pick<MailboxDirectory['epoch'], 'begin' | 'keep' | 'succeed'>;
  };
  /** ms between two looks; default 2 s, so that a change is known everywhere within 5 s. One MGET each */
  everyMs?: number;
  /** a look failed, or a listener did: the last snapshot stays in use, and the next look comes */
  onError: (error: unknown) => void;
  /** the store that this process remembers was lost, and what it remembers of mailboxes is put back */
  onReset?: (epoch: Epoch) => void;
}

type Listener = (snapshot: MailboxSnapshot) => unknown;

/**
 * A process's view of the directory: a snapshot that follows it. While Redis is away the last one stays
 * in use. Call {@link refresh} once before anything is served, and run {@link watch} as a task.
 *
 * It is a memory as well: what Redis has lost is put back from it before anybody follows the loss.
 */
export class WatchedDirectory {
  readonly #options: WatchedDirectoryOptions;
  readonly #listeners: Listener[] = [];
  #current = new MailboxSnapshot({ revision: 0, entries: [] });
  #epoch: Epoch | null = null;
  #told = this.#current;
  #looking: Promise<unknown> = Promise.resolve();

  constructor(options: WatchedDirectoryOptions) {
    this.#options = options;
  }

  get current(): MailboxSnapshot {
    return this.#current;
  }

  /** ms since the epoch: when the store was found empty and begun anew; null: never, as far as anybody remembers. */
  get resetAt(): number | null {
    return this.#epoch?.resetAt ?? null;
  }

  /** Called after each change; when it fails, again at the next look. */
  onChange(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Looks now: for whoever has changed something himself, or must not wait for the next look. */
  async refresh(): Promise<MailboxSnapshot> {
    // One after the other: of two looks at once the older could be the last word.
    const look = this.#looking.then(() => this.#look());
    this.#looking = look.catch(() => undefined);
    return look;
  }

  readonly watch: Task = async (signal) => {
    const { everyMs = 2_000, onError } = this.#options;
    while (!signal.aborted) {
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.refresh().catch(onError);
    }
  };

  async #look(): Promise<MailboxSnapshot> {
    const { directory, onReset } = this.#options;
    const remembered = this.#current;
    const { revision, epoch } = await directory.look();
    const now = await this.#epochNow(epoch, revision);
    const reset = this.#epoch !== null && this.#epoch.id !== now.id;
    if (reset || revision < remembered.revision) {
      await directory.restore(remembered.entries, now.bornAt);
    }
    if (reset || revision !== remembered.revision) {
      this.#current = new MailboxSnapshot(await directory.list());
    }
    this.#epoch = now;
    if (reset) onReset?.(now);
    const snapshot = this.#current;
    if (this.#told !== snapshot) {
      for (const listener of this.#listeners) await listener(snapshot);
      this.#told = snapshot;
    }
    return snapshot;
  }

  /** The store's epoch, noted as a reset where it took the place of the one that is remembered. */
  async #epochNow(seen: Epoch | null, revision: number): Promise<Epoch> {
    const { epoch: epochs } = this.#options.directory;
    const remembered = this.#epoch;
    if (remembered === null) return seen ?? epochs.begin();
    if (seen?.id === remembered.id) return seen;
    // One lost key is no lost store.
    const alone = seen === null && revision > 0 && revision >= this.#current.revision;
    return alone ? epochs.keep(remembered) : epochs.succeed(remembered);
  }
}
