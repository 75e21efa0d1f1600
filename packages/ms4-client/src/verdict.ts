import { Ms4BatchResult } from '@ms1/contracts';
import { z } from 'zod';

import type { EncodedBatch } from './encode-batch.ts';
import { Ms4ProtocolError } from './ms4-errors.ts';

/** What becomes of one record. */
export interface Verdict {
  /**
   * accepted   the whole batch is durably accepted, without a word on each (202)
   * stored     it was stored now
   * duplicate  it had been stored before: as good as stored
   * rejected   it never will be stored; `code` says why
   * retry      it may be resent; also what follows from an answer that does not name the record once
   */
  status: 'accepted' | 'stored' | 'duplicate' | 'rejected' | 'retry';
  /** MS4's reason, or `missing_verdict` / `doubled_verdict` */
  code?: string;
}

/** The results are read one by one: a malformed one must not take its neighbours' verdicts away. */
const Envelope = z.object({ batchId: z.string(), results: z.array(z.unknown()) });
const Result = Ms4BatchResult.shape.results.element;

/** Every record of the batch as accepted (202). */
export function acceptAll({ items }: EncodedBatch): Map<string, Verdict> {
  return new Map(items.map(({ id }) => [id, { status: 'accepted' }]));
}

/**
 * The verdict of each record of the batch, in the batch's order, from the body of a 200 or 207. What
 * is about other ids is ignored; a record with no readable verdict, or with more than one, is to be
 * retried: whatever it says, it is not taken for stored.
 *
 * @throws {Ms4ProtocolError} when the body is not a result of this very batch
 */
export function readVerdicts(batch: EncodedBatch, body: unknown): Map<string, Verdict> {
  const envelope = Envelope.safeParse(body);
  if (!envelope.success) throw new Ms4ProtocolError('the body is no batch result');
  if (envelope.data.batchId !== batch.batchId) {
    throw new Ms4ProtocolError('the body is the result of another batch');
  }
  const verdicts = new Map<string, Verdict>(
    batch.items.map(({ id }) => [id, { status: 'retry', code: 'missing_verdict' }]),
  );
  const named = new Set<string>();
  for (const entry of envelope.data.results) {
    const id = idOf(entry);
    if (id === undefined || !verdicts.has(id)) continue;
    verdicts.set(
      id,
      named.has(id) ? { status: 'retry', code: 'doubled_verdict' } : verdictOf(entry),
    );
    named.add(id);
  }
  return verdicts;
}

function verdictOf(entry: unknown): Verdict {
  const result = Result.safeParse(entry);
  if (!result.success) return { status: 'retry', code: 'unreadable_verdict' };
  const { status, error } = result.data;
  return error ? { status, code: error.code } : { status };
}

function idOf(entry: unknown): string | undefined {
  const id = (entry as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : undefined;
}
