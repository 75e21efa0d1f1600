import { QUEUES } from '@ms1/contracts';
import type { DeadLetters } from '@ms1/queue';
import { z } from 'zod';

import { type ClearOptions, clearLetters } from '../dead-letters/clear-letters.ts';
import type { Operation } from './operation-store.ts';
import type { Work } from './run-operations.ts';

export interface LetterSources extends Omit<ClearOptions, 'letters'> {
  letters: Pick<DeadLetters, 'scan' | 'retry' | 'remove'>;
}

const Letter = z.object({
  stage: z.enum(QUEUES),
  failedAt: z.number(),
  key: z.string(),
  cause: z.string(),
});

/** Replays or discards dead letters. One that is none any more is gone: whoever retries it sees that. */
export function letterWork(
  sources: LetterSources,
  action: 'replay' | 'discard',
  { letters: filter = {}, until }: Pick<Operation, 'letters' | 'until'>,
): Work {
  return {
    async *scan(after) {
      const from = after === undefined ? undefined : Letter.parse(after);
      for await (const { stage, failedAt, key, cause } of sources.letters.scan(
        { ...filter, until },
        from,
      )) {
        const item = { stage, failedAt, key, cause };
        yield { item, position: item };
      }
    },
    act: (items) => clearLetters(sources, action, z.array(Letter).parse(items)),
  };
}
