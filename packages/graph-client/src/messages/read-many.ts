import { GraphError, GraphThrottledError } from '../errors/graph-error.ts';
import { type Governor, MAILBOX_PERMITS } from '../governor/governor.ts';
import type { GraphHttp } from '../http/graph-http.ts';
import type { MessageRef } from './folder-paths.ts';
import { BATCH_REQUESTS_MAX, type BatchResult, sendBatch } from './json-batch.ts';

export interface ReadManyOptions {
  call: GraphHttp;
  governor: Governor;
  now: () => number;
}

/** $batch requests of one read under way at once; each keeps up to 4 requests going at Graph. */
const CHUNKS_AT_ONCE = 4;

/**
 * Reads one thing of each message with as few requests as there can be: chunks of 20, mailboxes mixed.
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

  const chunks: MessageRef[][] = [];
  for (let start = 0; start < refs.length; start += BATCH_REQUESTS_MAX) {
    chunks.push(refs.slice(start, start + BATCH_REQUESTS_MAX));
  }
  const results: BatchResult[] = [];
  for (let start = 0; start < chunks.length; start += CHUNKS_AT_ONCE) {
    const wave = chunks.slice(start, start + CHUNKS_AT_ONCE);
    results.push(...(await Promise.all(wave.map(readChunk))).flat());
  }
  return results;
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
