import type { AnswerOf } from '@ms1/console-api';
import type { MailboxEntry } from '@ms1/contracts';

import { type Caller, may } from '../auth/caller.ts';
import { NOTHING } from '../mailboxes/read-on-time.ts';
import { rfc3339 } from './rfc3339.ts';

/** A mailbox of the directory as the API gives it. */
export type MailboxView = AnswerOf<'GET /mailboxes/:id'>;

/** What is known of a mailbox beside its entry. */
export type MailboxFacts = Pick<
  MailboxView,
  'folders' | 'sessionId' | 'held' | 'readSingly' | 'onTime' | 'requests' | 'troubles'
>;

/** Of one that nothing is known of yet. */
export const NO_FACTS: MailboxFacts = {
  folders: [],
  sessionId: null,
  held: null,
  readSingly: null,
  onTime: NOTHING,
  requests: { used: 0, most: 0, seconds: 0 },
  troubles: [],
};

export function viewMailbox(entry: MailboxEntry, facts: MailboxFacts, caller: Caller): MailboxView {
  const { mailboxId, tenantId, label, state, origin, revision, rules } = entry;
  return {
    mailboxId,
    tenantId,
    label,
    state,
    origin,
    revision,
    addedAt: rfc3339(entry.addedAt),
    changedAt: rfc3339(entry.changedAt),
    ...facts,
    rules: may(caller.role, 'operator') ? rules : null,
  };
}
