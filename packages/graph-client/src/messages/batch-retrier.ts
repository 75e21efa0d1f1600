import {
  GraphAuthError,
  GraphError,
  GraphProtocolError,
  GraphThrottledError,
  GraphTransientError,
  GraphUnavailableError,
} from '../errors/graph-error.ts';
import type { Governor } from '../governor/governor.ts';
import type { MessageRef } from './folder-paths.ts';
import { BATCH_REQUESTS_MAX, type BatchResult } from './json-batch.ts';

/** One request for one thing of each message, whose permits are the caller's. */
export type Send = (refs: readonly MessageRef[], signal: AbortSignal) => Promise<BatchResult[]>;

/**
 * Items of a $batch that are tried once more, each alone. More than a fifth that failed are Graph being
 * unwell: that is the queue's to wait for (docs/reliability.md#retry-budget: retries are 20 % of calls at most).
 */
const RETRIED_ALONE_MAX = BATCH_REQUESTS_MAX / 5;

/** What of a $batch is sent again, with permits and outcomes of its own, and what its items say of their mailbox. */
export class BatchRetrier {
  readonly #governor: Governor;
  readonly #send: Send;

  constructor(governor: Governor, send: Send) {
    this.#governor = governor;
    this.#send = send;
  }

  /**
   * One hold for the mailbox, the longest its items asked for. A mailbox that answered some of them is
   * there: only where none was answered is it taken for moving.
   */
  async report(mailboxId: string, results: readonly BatchResult[]): Promise<void> {
    const errors = results.flatMap((result) => (result.ok ? [] : [result.error]));
    const throttled = errors.filter((error) => error instanceof GraphThrottledError);
    const unavailable = errors.filter((error) => error instanceof GraphUnavailableError);
    if (throttled.length > 0) {
      await this.#governor.hold(mailboxId, longest(throttled), { probe: false });
    }
    if (unavailable.length > 0 && errors.length === results.length) {
      await this.#governor.hold(mailboxId, longest(unavailable), { probe: true });
    }
  }

  /** A $batch that was refused as a whole may be so for one of its items: each is asked for by itself. */
  async eachAlone(refs: readonly MessageRef[], signal: AbortSignal): Promise<BatchResult[]> {
    const results: BatchResult[] = [];
    for (const ref of refs) results.push(...(await this.#sendAgain([ref], signal)));
    return results;
  }

  /** Tries what failed for the moment once more, alone: a 504 may be the size of the whole $batch. */
  async retry(
    refs: readonly MessageRef[],
    results: readonly BatchResult[],
    signal: AbortSignal,
  ): Promise<BatchResult[]> {
    const failed = [...results.keys()].filter((index) => isWorthAnotherTry(results[index]));
    const outcome = [...results];
    const read = async (indexes: number[]): Promise<void> => {
      const some = indexes.flatMap((index) => refs[index] ?? []);
      const answers = await this.#sendAgain(some, signal);
      for (const [place, index] of indexes.entries()) {
        outcome[index] = answers[place] ?? unanswered();
      }
    };
    const [first, ...others] = failed;
    if (first !== undefined && isRefusedToken(results[first])) {
      // A plain call gets another token where the old one was refused; then the others get theirs.
      await read([first]);
      if (others.length > 0 && !isRefusedToken(outcome[first])) await read(others);
    } else if (failed.length <= RETRIED_ALONE_MAX) {
      for (const index of failed) await read([index]);
    }
    return outcome;
  }

  async #sendAgain(refs: readonly MessageRef[], signal: AbortSignal): Promise<BatchResult[]> {
    const [first] = refs;
    if (!first) return [];
    const { mailboxId, priority } = first;
    const plan = {
      mailboxId,
      requests: refs.length,
      priority,
      isServed: isAnyRead,
      name: refs.length === 1 ? first.messageId : undefined,
    };
    let results: BatchResult[];
    try {
      // A probe is one request, not twenty.
      results = await this.#governor.run(
        plan,
        ({ probe }) => this.#send(probe ? [first] : refs, signal),
        signal,
      );
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      return refs.map(() => ({ ok: false, error }));
    }
    if (results.length < refs.length) {
      return [...results, ...(await this.#sendAgain(refs.slice(results.length), signal))];
    }
    if (refs.length > 1) await this.report(mailboxId, results);
    return results;
  }
}

/** A $batch answers well whatever its items do: one that was read shows that the mailbox may be. */
export function isAnyRead(results: readonly BatchResult[]): boolean {
  return results.some(({ ok }) => ok);
}

/** Guessing which answer is whose would mix up mail. */
export function unanswered(): never {
  throw new Error('a $batch answered less than it was asked');
}

function isWorthAnotherTry(result: BatchResult | undefined): boolean {
  if (!result || result.ok) return false;
  const { error } = result;
  if (error instanceof GraphTransientError) return !(error instanceof GraphUnavailableError);
  return isRefusedToken(result) || (error instanceof GraphProtocolError && error.status === null);
}

function isRefusedToken(result: BatchResult | undefined): boolean {
  return result !== undefined && !result.ok && result.error instanceof GraphAuthError;
}

function longest(errors: readonly GraphError[]): number | null {
  const waits = errors.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  return waits.length === 0 ? null : Math.max(...waits);
}
