import {
  GraphAuthError,
  GraphError,
  GraphProtocolError,
  GraphThrottledError,
  GraphTransientError,
  GraphUnavailableError,
} from '../errors/graph-error.ts';
import { type Governor, MAILBOX_PERMITS } from '../governor/governor.ts';
import type { GraphHttp } from '../http/graph-http.ts';
import type { RequestKind } from '../http/request-kind.ts';
import { chunkByMailbox } from './chunk-by-mailbox.ts';
import type { MessageRef } from './folder-paths.ts';
import { BATCH_REQUESTS_MAX, type BatchResult, sendBatch } from './json-batch.ts';

export interface ReadManyOptions {
  call: GraphHttp;
  governor: Governor;
  now: () => number;
}

/** What is read of each message. */
export interface Reading {
  kind: RequestKind;
  pathOf: (ref: MessageRef) => string;
}

/**
 * Items of a $batch that are tried once more, each alone. More than a fifth that failed are Graph being
 * unwell: that is the queue's to wait for (reliability I18: retries are 20 % of calls at most).
 */
const RETRIED_ALONE_MAX = BATCH_REQUESTS_MAX / 5;

/**
 * Reads one thing of each message with few requests: a $batch of up to 20 of one mailbox, a plain GET for
 * one alone. Answers in the order of `refs`, each with its own outcome; mailboxes do not wait for one
 * another. Rejects only when the signal aborts or on an error that is not Graph's.
 */
export async function readMany(
  options: ReadManyOptions,
  refs: readonly MessageRef[],
  reading: Reading,
  signal?: AbortSignal,
): Promise<BatchResult[]> {
  const answers = new Map<MessageRef, BatchResult>();
  const reader = new ChunkReader(options, reading, signal);
  await Promise.all(
    chunkByMailbox(refs, BATCH_REQUESTS_MAX).map(async (chunk) => {
      const results = await reader.read(chunk);
      for (const [index, ref] of chunk.entries()) answers.set(ref, results[index] ?? unanswered());
    }),
  );
  return refs.map((ref) => answers.get(ref) ?? unanswered());
}

/** Guessing which answer is whose would mix up mail. */
function unanswered(): never {
  throw new Error('a $batch answered less than it was asked');
}

/** Reads chunks of one mailbox each. */
class ChunkReader {
  readonly #options: ReadManyOptions;
  readonly #reading: Reading;
  readonly #signal: AbortSignal | undefined;

  constructor(options: ReadManyOptions, reading: Reading, signal: AbortSignal | undefined) {
    this.#options = options;
    this.#reading = reading;
    this.#signal = signal;
  }

  async read(refs: readonly MessageRef[], again = true): Promise<BatchResult[]> {
    const [first] = refs;
    if (!first) return [];
    const { governor } = this.#options;
    const { mailboxId, priority } = first;
    const permits = Math.min(refs.length, MAILBOX_PERMITS);
    let results: BatchResult[];
    try {
      results = await governor.run(
        { mailboxId, permits, requests: refs.length, priority },
        // A probe is one request, not twenty.
        ({ probe }) =>
          refs.length === 1 || probe ? this.#readAlone(first) : this.#readBatch(refs),
        this.#signal,
      );
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      return refs.map(() => ({ ok: false, error }));
    }
    if (results.length < refs.length) {
      return [...results, ...(await this.read(refs.slice(results.length)))];
    }
    if (refs.length === 1) return results;
    await this.#report(mailboxId, results);
    return again ? this.#retry(refs, results) : results;
  }

  async #readAlone(ref: MessageRef): Promise<BatchResult[]> {
    const { kind, pathOf } = this.#reading;
    const body = await this.#options.call({ path: pathOf(ref), kind, signal: this.#signal });
    return [{ ok: true, body }];
  }

  #readBatch(refs: readonly MessageRef[]): Promise<BatchResult[]> {
    const { kind, pathOf } = this.#reading;
    const { call, now } = this.#options;
    return sendBatch(call, refs.map(pathOf), kind, now, this.#signal);
  }

  /**
   * One hold for the mailbox, the longest its items asked for. A mailbox that answered some of them is
   * there: only where none was answered is it taken for moving.
   */
  async #report(mailboxId: string, results: readonly BatchResult[]): Promise<void> {
    const { governor } = this.#options;
    const errors = results.flatMap((result) => (result.ok ? [] : [result.error]));
    const throttled = errors.filter((error) => error instanceof GraphThrottledError);
    const unavailable = errors.filter((error) => error instanceof GraphUnavailableError);
    if (throttled.length > 0) await governor.throttled(mailboxId, longest(throttled));
    if (unavailable.length > 0 && errors.length === results.length) {
      await governor.unavailable(mailboxId, longest(unavailable));
    }
  }

  /** Tries what failed for the moment once more, alone: a 504 may be the size of the whole $batch. */
  async #retry(refs: readonly MessageRef[], results: BatchResult[]): Promise<BatchResult[]> {
    const failed = [...results.keys()].filter((index) => isWorthAnotherTry(results[index]));
    const outcome = [...results];
    const read = async (indexes: number[]): Promise<void> => {
      const some = indexes.flatMap((index) => refs[index] ?? []);
      const answers = await this.read(some, false);
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
