import type { LookupIndex } from '@ms1/ledger';

import type { PutBackSources } from '../mail/put-back.ts';
import { type LetterSources, letterWork } from './letter-work.ts';
import { type MailWorkSources, mailWork } from './mail-work.ts';
import type { Operation } from './operation-store.ts';
import type { Work } from './run-operations.ts';

export interface WorkSources extends LetterSources, Omit<MailWorkSources, 'index' | 'putBack'> {
  letters: LetterSources['letters'] & MailWorkSources['letters'];
  ledger: MailWorkSources['ledger'];
  /** null: mail is not listed */
  index: Pick<LookupIndex, 'listed' | 'tagOf'> | null;
  /** null: this console has no credential for Graph */
  putBack: Omit<PutBackSources, 'index' | 'clock'> | null;
}

/** What an operation is made of, by what it was asked for; null where this console can not do it. */
export function createWorkOf({ index, putBack, ...sources }: WorkSources) {
  return (operation: Operation): Work | null => {
    const { action, mail } = operation;
    if (!mail) return action === 'put-back' ? null : letterWork(sources, action, operation);
    if (!index) return null;
    const { clock } = sources;
    return mailWork(
      { ...sources, index, putBack: putBack && { ...putBack, index, clock } },
      operation,
    );
  };
}
