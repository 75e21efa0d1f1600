import { type IngestMessage, isRuled, messageKey } from '@ms1/contracts';
import { GraphError, GraphThrottledError, GraphUnavailableError } from '@ms1/graph-client';
import type { LookupIndex } from '@ms1/ledger';
import type { MailboxSnapshot } from '@ms1/mailboxes';
import type { InboundProducer } from '@ms1/queue';
import type { Clock } from '@ms1/runtime';
import { rfc3339 } from '../api/rfc3339.ts';
import type { Later, Outcome } from '../operations/operation-store.ts';
import { type MailGraph, PAGE, PAGES_MAX } from './fetch-mail.ts';
import { mailboxOf } from './place-of-mail.ts';
import type { MailRow } from './walk-mail.ts';

export interface PutBackSources {
  graph: Pick<MailGraph, 'folders'>;
  index: Pick<LookupIndex, 'tagOf'>;
  mailboxes: { readonly current: Pick<MailboxSnapshot, 'entries' | 'tenantOf'> };
  /** removes what is left of jobs that are in no list: it would keep new ones out */
  removeStranded: (keys: readonly string[]) => Promise<void>;
  producer: Pick<InboundProducer, 'putBack'>;
  clock: Clock;
}

/** ms for the requests of a slice; below the time for which an operation is its console's without a sign of life */
const DEADLINE_MS = 15_000;
/** ms that a mailbox is given which does not say how long it wants. */
const LATER_MS = 30_000;

/**
 * Puts messages on `inbound` again, whatever the ledger says of them. Their ids are nowhere but in their mailboxes: they
 * are found by the second in which they were received, a request each, behind live mail.
 *
 * @throws {EnqueueRefusedError} when Redis takes none of them now
 * @throws the signal's reason
 */
export async function putBackMail(
  sources: PutBackSources,
  rows: readonly MailRow[],
  signal: AbortSignal,
): Promise<(Outcome | Later)[]> {
  const { producer, removeStranded } = sources;
  const outcomes = new Map<string, Outcome | Later>();
  const found: IngestMessage[] = [];
  const seconds = Map.groupBy(
    rows,
    ({ listed: { mailbox, at, isReceived } }) => `${mailbox} ${at} ${isReceived}`,
  );
  await Promise.all(
    [...seconds.values()].map(async (some) => {
      const answer = await findIn(sources, some, signal);
      for (const { listed, entry } of some) {
        if (typeof answer === 'string') {
          outcomes.set(listed.key, `failed:${answer}`);
          continue;
        }
        if ('later' in answer) {
          outcomes.set(listed.key, answer);
          continue;
        }
        const message = answer.found.get(listed.key);
        const lacking = answer.isWhole ? 'not_in_mailbox' : 'crowded_second';
        outcomes.set(listed.key, message ? 'done' : `failed:${lacking}`);
        if (!message) continue;
        // The rule that declined it would do so again: who puts it back knows better.
        const isDeclined = entry.reason !== null && isRuled(entry.reason);
        const { sessionId } = entry;
        found.push({ ...message, sessionId, ...(isDeclined && { overruled: true }) });
      }
    }),
  );
  signal.throwIfAborted();
  if (found.length > 0) {
    await removeStranded(found.map(messageKey));
    await producer.putBack(found);
  }
  return rows.map(({ listed }) => outcomes.get(listed.key) ?? 'gone');
}

interface SecondOfMail {
  found: Map<string, IngestMessage>;
  /** whether there was no more of it */
  isWhole: boolean;
}

/** What a mailbox received in one second, by key; a code where it can not be said, or not now. */
async function findIn(
  { graph, index, mailboxes, clock }: PutBackSources,
  [row]: readonly MailRow[],
  signal: AbortSignal,
): Promise<SecondOfMail | Later | string> {
  const found = new Map<string, IngestMessage>();
  if (!row) return { found, isWhole: true };
  const { mailbox: tag, at, isReceived } = row.listed;
  const mailbox = mailboxOf(mailboxes.current.entries, index, tag);
  if (!mailbox) return 'mailbox_unknown';
  const { mailboxId } = mailbox;
  const tenantId = mailboxes.current.tenantOf(mailboxId);
  if (tenantId === undefined) return 'mailbox_removed';
  if (!isReceived) return 'no_time_received';
  const [from, to] = [at, at + 1_000].map((ms) => new Date(ms).toISOString());
  const timeout = AbortSignal.timeout(DEADLINE_MS);
  const how = { priority: 'backfill' as const, signal: AbortSignal.any([signal, timeout]) };
  let link: string | null = null;
  try {
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const request = { mailboxId, from: from ?? null, to: to ?? null, link, pageSize: PAGE };
      const { messages, nextLink } = await graph.folders.recentPage({ ...request, ...how });
      const noticed = { source: 'backfill' as const, noticedAt: rfc3339(clock.now()) };
      for (const { id: messageId } of messages) {
        const ids = { tenantId, mailboxId, messageId };
        found.set(messageKey(ids), { v: 1, ...ids, ...noticed, sessionId: null });
      }
      if (nextLink === null) return { found, isWhole: true };
      link = nextLink;
    }
    return { found, isWhole: false };
  } catch (error) {
    if (error instanceof GraphThrottledError || error instanceof GraphUnavailableError) {
      return { later: error.code, afterMs: error.retryAfterMs ?? LATER_MS };
    }
    if (error instanceof GraphError) return error.code;
    if (timeout.aborted) return 'graph_timeout';
    throw error;
  }
}
