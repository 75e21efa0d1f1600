import type { IngestMessage, MailFlag, MessageRules } from '@ms1/contracts';
import type { ReadResult } from '@ms1/graph-client';

import { declinesAttachments, declinesMetadata, declinesUnauthenticated } from './declines.ts';
import { flagsOf } from './flags/flags-of.ts';
import { type FoldedRules, foldRules } from './fold-rules.ts';
import { kindOfMail } from './kind-of-mail.ts';
import { needsHeaders } from './needs-headers.ts';
import type { Mail, MailRef } from './reading/mail.ts';
import type { MailReader } from './reading/mail-reader.ts';

/** What was read of one message, why not, or which rule of its mailbox declined it. */
type HydrationOutcome = ReadResult<Mail> | Declined;
export type FlaggedOutcome = ReadResult<Mail & { flags: MailFlag[] }> | Declined;

interface Declined {
  ok: false;
  declined: string;
  metadata: Mail['metadata'];
}

export interface HydrateOptions {
  reader: Pick<MailReader, 'read'>;
  rulesOf: (mailboxId: string) => MessageRules;
  /** asks for the headers of every message, and not only of those that a rule needs them for; default false */
  allHeaders?: boolean;
}

/**
 * Completes what was noticed, in the order given. What the rules of its mailbox decline by the metadata that its job
 * carried is asked no more about.
 *
 * No mailbox waits for another: where Graph is slow, whoever waits leaves requests unused that its mailbox has in flight.
 */
export async function hydrate(
  messages: readonly IngestMessage[],
  { reader, rulesOf, allHeaders = false }: HydrateOptions,
  signal: AbortSignal,
): Promise<FlaggedOutcome[]> {
  const outcomes = new Map<IngestMessage, FlaggedOutcome>();
  const mailboxes = Map.groupBy(messages, ({ mailboxId }) => mailboxId);
  await Promise.all(
    [...mailboxes].map(async ([mailboxId, some]) => {
      const given = rulesOf(mailboxId);
      const rules = foldRules(given);
      const headers = allHeaders || needsHeaders(given);
      const wanted = some.filter((message) => {
        const { metadata, overruled } = message;
        const declined = metadata && !overruled ? declinesMetadata(rules, metadata) : null;
        if (!metadata || declined === null) return true;
        outcomes.set(message, { ok: false, declined, metadata });
        return false;
      });
      if (wanted.length === 0) return;
      const read = await reader.read(
        wanted.map((message) => ({ ...toRef(message), headers })),
        signal,
      );
      for (const [index, message] of wanted.entries()) {
        const outcome = read[index] ?? unanswered();
        const judged = message.overruled ? outcome : judge(outcome, rules);
        outcomes.set(message, flagged(judged, rules));
      }
    }),
  );
  return messages.map((message) => outcomes.get(message) ?? unanswered());
}

/** What the rules say of what was read. */
export function judge(outcome: ReadResult<Mail>, rules: FoldedRules): HydrationOutcome {
  if (!outcome.ok) return outcome;
  const { metadata, attachments } = outcome.value;
  const kind = kindOfMail(metadata, attachments);
  const declined =
    declinesMetadata(rules, { ...metadata, kind }) ??
    declinesUnauthenticated(rules, metadata) ??
    declinesAttachments(rules, attachments);
  return declined === null ? outcome : { ok: false, declined, metadata };
}

/** With what is odd about whoever sent it. */
function flagged(outcome: HydrationOutcome, rules: FoldedRules): FlaggedOutcome {
  if (!outcome.ok) return outcome;
  return { ok: true, value: { ...outcome.value, flags: flagsOf(rules, outcome.value.metadata) } };
}

function toRef(message: IngestMessage): Omit<MailRef, 'headers'> {
  const { mailboxId, folderId, messageId, noticedAt, source, metadata } = message;
  const priority = source === 'backfill' ? 'backfill' : 'live';
  return { mailboxId, folderId, messageId, noticedAt, priority, metadata };
}

/** A reader that answers less than it was asked is broken; guessing which answer is whose would mix up mail. */
function unanswered(): never {
  throw new Error('the mail reader left a message unanswered');
}
