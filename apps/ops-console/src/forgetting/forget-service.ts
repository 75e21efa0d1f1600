import { ForgetAccount } from '@ms1/console-api';
import type { MailboxSnapshot } from '@ms1/mailboxes';
import type { OperatorLog } from '../api/operator-log.ts';
import { rfc3339 } from '../api/rfc3339.ts';
import { type ForgetTools, type Forgotten, forget } from './forget.ts';
import type { ForgetRunStore } from './forget-run-store.ts';
import { notReached } from './not-reached.ts';
import { type Person, personOf, tagOf } from './person.ts';

export interface ForgetServiceOptions {
  tools: ForgetTools;
  runs: Pick<ForgetRunStore, 'newId' | 'keep' | 'get'>;
  directory: { readonly current: MailboxSnapshot };
  operators: Pick<OperatorLog, 'list'>;
  rewriteJournal: () => Promise<'asked' | 'off' | 'refused'>;
  /** see ForgetOptions */
  waitMs?: number;
  pauseMs?: number;
  onEnded?: (account: ForgetAccount) => void;
  onError: (error: unknown) => void;
  /** aborts when the process is to stop */
  stopping: AbortSignal;
}

/** ms between two signs of life of a run; one without a sign for six of them has died with its console */
const BEAT_MS = 5_000;
const KEYS_MAX = 1_000;
const NOTHING = { inbound: 0, outbound: 0, deadLetters: 0, events: 0, index: 0 };

/** Forgets people, one at a time, in the background. Whom is known to this process alone, and only until it is done. */
export class ForgetService {
  readonly #options: ForgetServiceOptions;
  #running: Promise<void> | null = null;

  constructor(options: ForgetServiceOptions) {
    this.#options = options;
  }

  /** null: neither an address nor a mailbox. 'busy': this console is at one already. */
  async begin(
    who: string,
    { dryRun, reason }: { dryRun: boolean; reason: string },
  ): Promise<ForgetAccount | 'busy' | null> {
    const { runs, directory, tools } = this.#options;
    const person = personOf(who, directory.current.entries);
    if (person === null) return null;
    if (this.#running) return 'busy';
    const begun: ForgetAccount = {
      id: runs.newId(),
      status: 'running',
      dryRun,
      who: tagOf(who),
      by: [
        ...(person.address === null ? [] : (['address'] as const)),
        ...(person.mailboxIds.length === 0 ? [] : (['mailbox'] as const)),
      ],
      reason,
      createdAt: rfc3339(tools.clock.now()),
      finishedAt: null,
      looked: 0,
      found: NOTHING,
      removed: NOTHING,
      left: null,
      inHand: 0,
      onTheWay: 0,
      unreadable: 0,
      messages: 0,
      keys: [],
      redis: null,
      notReached: [],
    };
    // Taken before anything is waited for: two that ask at once are one too many.
    this.#running = this.#run(begun, person).finally(() => {
      this.#running = null;
    });
    await runs.keep(begun.id, { ...begun, beatAt: tools.clock.now() });
    return begun;
  }

  async get(id: string): Promise<ForgetAccount | null> {
    const { runs, tools } = this.#options;
    const kept = (await runs.get(id)) as { beatAt?: number } | null;
    if (kept === null) return null;
    const account = ForgetAccount.parse(kept);
    const isDead = tools.clock.now() - (kept.beatAt ?? 0) > 6 * BEAT_MS;
    return account.status === 'running' && isDead ? { ...account, status: 'interrupted' } : account;
  }

  /** resolves when nothing runs any more */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(begun: ForgetAccount, person: Person): Promise<void> {
    const { tools, runs, waitMs, pauseMs, onEnded, onError, stopping } = this.#options;
    let account = begun;
    const keep = (): Promise<void> =>
      runs.keep(begun.id, { ...account, beatAt: tools.clock.now() });
    const beat = setInterval(() => void keep().catch(onError), BEAT_MS);
    try {
      const forgotten = await forget(tools, person, {
        dryRun: begun.dryRun,
        ...(waitMs !== undefined && { waitMs }),
        ...(pauseMs !== undefined && { pauseMs }),
        onProgress: (so) => {
          account = { ...account, ...told(so) };
        },
        signal: stopping,
      });
      account = { ...account, ...told(forgotten), ...(await this.#rest(forgotten, person, begun)) };
      account.status = 'done';
    } catch (error) {
      account = { ...account, status: stopping.aborted ? 'interrupted' : 'failed' };
      if (!stopping.aborted) onError(error);
    } finally {
      clearInterval(beat);
    }
    account = { ...account, finishedAt: rfc3339(tools.clock.now()) };
    await keep().catch(onError);
    onEnded?.(account);
  }

  async #rest(forgotten: Forgotten, person: Person, { dryRun }: ForgetAccount) {
    const { tools, operators, rewriteJournal } = this.#options;
    const redis = dryRun ? null : await rewriteJournal();
    const logLines = await linesNaming(operators, person.address);
    const { isSearchable } = tools;
    return {
      redis,
      notReached: notReached({ forgotten, person, dryRun, isSearchable, redis, logLines }),
    };
  }
}

function told({ keys, ...counts }: Forgotten): Partial<ForgetAccount> {
  return {
    ...structuredClone(counts),
    messages: keys.size,
    keys: [...keys].slice(0, KEYS_MAX),
  };
}

async function linesNaming(
  operators: Pick<OperatorLog, 'list'>,
  address: string | null,
): Promise<number> {
  if (address === null) return 0;
  let naming = 0;
  for (let before = ''; ; ) {
    const lines = await operators.list({ limit: 500, before });
    naming += lines.filter((line) => JSON.stringify(line).toLowerCase().includes(address)).length;
    const last = lines.at(-1);
    if (!last || lines.length < 500) return naming;
    before = last.id;
  }
}
