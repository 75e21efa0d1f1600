import type { z } from 'zod';

import { StoredRecord } from './record-schema.ts';

type Verdict = 'stored' | 'duplicate' | 'rejected' | 'retry';

export interface Judgement {
  readonly verdicts: [id: string, verdict: Verdict, code: string | null][];
  readonly fresh: StoredRecord[];
  /** items that cannot even be named in an answer: the batch is refused as a whole */
  readonly unnamed: { pointer: string; code: string }[];
}

/**
 * Judges each item of a batch for itself: new, known (before or earlier in the same batch), never
 * storable, or not now.
 */
export function judgeBatch(
  items: readonly unknown[],
  isStored: (id: string) => boolean,
  isDeferred: () => boolean = () => false,
): Judgement {
  const judgement: Judgement = { verdicts: [], fresh: [], unnamed: [] };
  const seen = new Set<string>();
  for (const [position, item] of items.entries()) {
    const result = StoredRecord.safeParse(item);
    if (!result.success) {
      reject(judgement, position, item, result.error);
      continue;
    }
    const { id } = result.data;
    const known = seen.has(id) || isStored(id);
    if (!known && isDeferred()) {
      judgement.verdicts.push([id, 'retry', 'try_later']);
      continue;
    }
    judgement.verdicts.push([id, known ? 'duplicate' : 'stored', null]);
    // The item as it came, not as parsed: what is stored must be what was sent.
    if (!known) judgement.fresh.push(item as StoredRecord);
    seen.add(id);
  }
  return judgement;
}

function reject(judgement: Judgement, position: number, item: unknown, error: z.ZodError): void {
  const [issue] = error.issues;
  const extra = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...(issue?.path ?? []), ...extra].join('.');
  const id = (item as { id?: unknown } | null)?.id;
  if (typeof id === 'string') {
    judgement.verdicts.push([id, 'rejected', `invalid_${path || 'record'}`]);
  } else judgement.unnamed.push({ pointer: `/items/${position}/id`, code: 'invalid_id' });
}
