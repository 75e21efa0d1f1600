import { setTimeout as delay } from 'node:timers/promises';
import type { Task } from '@ms1/runtime';

import type { MailboxDirectory } from './mailbox-directory.ts';
import { MailboxSnapshot } from './mailbox-snapshot.ts';

export interface WatchedDirectoryOptions {
  directory: Pick<MailboxDirectory, 'revision' | 'list'>;
  /** ms between two looks; default 2 s, so that a change is known everywhere within 5 s. One GET each */
  everyMs?: number;
  /** a look failed, or a listener did: the last snapshot stays in use, and the next look comes */
  onError: (error: unknown) => void;
}

type Listener = (snapshot: MailboxSnapshot) => unknown;

/**
 * A process's view of the directory: a snapshot that follows it. While Redis is away the last one stays
 * in use. Call {@link refresh} once before anything is served, and run {@link watch} as a task.
 */
export class WatchedDirectory {
  readonly #options: WatchedDirectoryOptions;
  readonly #listeners: Listener[] = [];
  #current = new MailboxSnapshot({ revision: 0, entries: [] });
  #told = this.#current;
  #looking: Promise<unknown> = Promise.resolve();

  constructor(options: WatchedDirectoryOptions) {
    this.#options = options;
  }

  get current(): MailboxSnapshot {
    return this.#current;
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
    const { directory } = this.#options;
    if ((await directory.revision()) !== this.#current.revision) {
      this.#current = new MailboxSnapshot(await directory.list());
    }
    const snapshot = this.#current;
    if (this.#told !== snapshot) {
      for (const listener of this.#listeners) await listener(snapshot);
      this.#told = snapshot;
    }
    return snapshot;
  }
}
