import { GraphError, GraphThrottledError } from '../errors/graph-error.ts';
import { type Governor, MAILBOX_PERMITS } from '../governor/governor.ts';
import type { GraphHttp } from '../http/graph-http.ts';
import { chunkByMailbox } from './chunk-by-mailbox.ts';
import type { MessageRef } from './folder-paths.ts';
import { BATCH_REQUESTS_MAX, type BatchResult, sendBatch } from './json-batch.ts';

export interface ReadManyOptions {
  call: GraphHttp;
  governor: Governor;
  now: () => number;
}

/**
 * $batch requests of one read under way at once. Permits are what limits a mailbox; this bounds the
 * connections one read takes of the client's 64.
 */
const CHUNKS_AT_ONCE = 16;

/**
 * Reads one thing of each message with few requests: chunks of 20, by mailbox where there are enough.
 * Answers in the order of `refs`, each with its own outcome; a chunk that fails as a whole is that
 * error for each of its messages. Rejects only when the signal aborts or on an error that is not Graph's.
 */
export async function readMany(
  { call, governor, now }: ReadManyOptions,
  refs: readonly MessageRef[],
  pathOf: (ref: MessageRef) => string,
  signal?: AbortSignal,
): Promise<BatchResult[]> {
  const readChunk = async (chunk: readonly MessageRef[]): Promise<BatchResult[]> => {
    let results: BatchResult[];
    try {
      results = await governor.run(
        weightsOf(chunk),
        () => sendBatch(call, chunk.map(pathOf), now, signal),
        signal,
      );
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      return chunk.map(() => ({ ok: false, error }));
    }
    await reportThrottled(governor, chunk, results);
    return results;
  };

  const answers = new Map<MessageRef, BatchResult>();
  const chunks = chunkByMailbox(
    refs.map(({ mailboxId }) => mailboxId),
    BATCH_REQUESTS_MAX,
  ).map((indexes) => indexes.flatMap((index) => refs[index] ?? []));
  const readOn = async (): Promise<void> => {
    for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
      const results = await readChunk(chunk);
      for (const [index, ref] of chunk.entries()) answers.set(ref, results[index] ?? unanswered());
    }
  };
  await Promise.all(Array.from({ length: Math.min(CHUNKS_AT_ONCE, chunks.length) }, readOn));
  return refs.map((ref) => answers.get(ref) ?? unanswered());
}

/** Guessing which answer is whose would mix up mail. */
function unanswered(): never {
  throw new Error('a $batch answered less than it was asked');
}

/** What a $batch keeps busy at each mailbox: its items there, but Graph works on at most 4 (Graph contract 6). */
function weightsOf(refs: readonly MessageRef[]): Map<string, number> {
  const weights = new Map<string, number>();
  for (const { mailboxId } of refs) {
    weights.set(mailboxId, Math.min((weights.get(mailboxId) ?? 0) + 1, MAILBOX_PERMITS));
  }
  return weights;
}

/** One hold for each throttled mailbox, the longest its items asked for. */
async function reportThrottled(
  governor: Governor,
  refs: readonly MessageRef[],
  results: readonly BatchResult[],
): Promise<void> {
  const holds = new Map<string, number | null>();
  for (const [index, result] of results.entries()) {
    const mailboxId = refs[index]?.mailboxId;
    if (mailboxId === undefined || result.ok || !(result.error instanceof GraphThrottledError)) {
      continue;
    }
    const { retryAfterMs } = result.error;
    const longest = holds.get(mailboxId) ?? null;
    holds.set(mailboxId, retryAfterMs === null ? longest : Math.max(retryAfterMs, longest ?? 0));
  }
  for (const [mailboxId, ms] of holds) await governor.throttled(mailboxId, ms);
}
