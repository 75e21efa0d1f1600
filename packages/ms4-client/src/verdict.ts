import { Ms4Verdict } from '@ms1/contracts';
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
  /** MS4's reason, or `missing_verdict`, `unreadable_verdict`, `contradictory_verdicts` */
  code?: string;
}

/** The results are read one by one: a malformed one must not take its neighbours' verdicts away. */
const Envelope = z.object({ batchId: z.string(), results: z.array(z.unknown()) });
/** The status decides. What `error` looks like must not: it is there to be read by people. */
const Result = z.object({ status: Ms4Verdict, error: z.unknown().optional() });

/** Every record of the batch as accepted (202). */
export function acceptAll({ items }: EncodedBatch): Map<string, Verdict> {
  return new Map(items.map(({ id }) => [id, { status: 'accepted' }]));
}

/**
 * The verdict of each record of the batch, in the batch's order, from the body of a 200 or 207. What
 * is about other ids is ignored; a record with no readable verdict, or with several that contradict
 * one another, is to be retried: whatever they say, it is not taken for stored, nor for refused.
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
    const known = id === undefined ? undefined : verdicts.get(id);
    if (id === undefined || !known) continue;
    const verdict = verdictOf(entry);
    verdicts.set(id, named.has(id) ? agreed(known, verdict) : verdict);
    named.add(id);
  }
  return verdicts;
}

/** Said twice. `stored` and `duplicate` say the same of the record: it is there. */
function agreed(one: Verdict, other: Verdict): Verdict {
  const isThere = ({ status }: Verdict) => status === 'stored' || status === 'duplicate';
  if (one.status === other.status || (isThere(one) && isThere(other))) return one;
  return { status: 'retry', code: 'contradictory_verdicts' };
}

function verdictOf(entry: unknown): Verdict {
  const result = Result.safeParse(entry);
  if (!result.success) return { status: 'retry', code: 'unreadable_verdict' };
  const { status, error } = result.data;
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return isCode(code) ? { status, code } : { status };
}

/** One word of 64 characters at most: what MS4 calls a code is kept and shown, so it must not be a sentence about mail. */
export function isCode(code: unknown): code is string {
  return typeof code === 'string' && /^[A-Za-z][\w.-]{0,63}$/.test(code);
}

function idOf(entry: unknown): string | undefined {
  const id = (entry as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : undefined;
}
