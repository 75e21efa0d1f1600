import type { Attachment, IngestMessage, MessageMetadata, MessageRules } from '@ms1/contracts';
import { GraphItemNotFoundError, type ReadResult } from '@ms1/graph-client';

import { declinesAttachments, declinesMetadata } from './declines.ts';
import type { MailReader, MessageRef } from './mail-reader.ts';

interface Hydrated {
  metadata: MessageMetadata;
  attachments: Attachment[];
}

/** What was read of one message, why not, or which rule of its mailbox declined it. */
export type HydrationOutcome = ReadResult<Hydrated> | Declined;

interface Declined {
  ok: false;
  declined: string;
  metadata: MessageMetadata;
}

export interface HydrateOptions {
  reader: Pick<MailReader, 'metadata' | 'attachments'>;
  rulesOf: (mailboxId: string) => MessageRules;
  /** lists the attachments also of messages that Graph says have none: one unit more for each of them */
  inlineToo: boolean;
}

/**
 * Completes what was noticed, in the order given: the metadata where no page carried it, then the
 * attachments where there are any. One quota unit for each of the two, none for most messages that a
 * delta page found. What the rules of its mailbox decline is asked no more about.
 *
 * No mailbox waits for another, and no message that came with its metadata for one that did not: where
 * Graph is slow, whoever waits leaves requests unused that its mailbox has in flight.
 */
export async function hydrate(
  messages: readonly IngestMessage[],
  options: HydrateOptions,
  signal: AbortSignal,
): Promise<HydrationOutcome[]> {
  const groups = Map.groupBy(messages, (message) => {
    return `${message.mailboxId} ${message.metadata === undefined}`;
  });
  const outcomes = new Map<IngestMessage, HydrationOutcome>();
  await Promise.all(
    [...groups.values()].map(async (some) => {
      const hydrated = await hydrateGroup(some, options, signal);
      for (const [index, message] of some.entries()) {
        outcomes.set(message, hydrated[index] ?? unanswered());
      }
    }),
  );
  return messages.map((message) => outcomes.get(message) ?? unanswered());
}

/** Messages of one mailbox, all with or all without metadata. */
async function hydrateGroup(
  messages: readonly IngestMessage[],
  { reader, rulesOf, inlineToo }: HydrateOptions,
  signal: AbortSignal,
): Promise<HydrationOutcome[]> {
  const bare = messages.filter(({ metadata }) => metadata === undefined);
  const fetched = await readAll(bare, (refs) => reader.metadata(refs, signal));
  const known = messages.map((message): HydrationOutcome | MessageMetadata => {
    const outcome = fetched.get(message);
    if (outcome && !outcome.ok) return outcome;
    const metadata = message.metadata ?? outcome?.value ?? unanswered();
    const declined = declinesMetadata(rulesOf(message.mailboxId), metadata);
    return declined === null ? metadata : { ok: false, declined, metadata };
  });

  const withFiles = messages.filter((_, index) => {
    const metadata = known[index];
    return metadata && !('ok' in metadata) && (inlineToo || mayHaveAttachments(metadata));
  });
  const files = await readAll(withFiles, (refs) => reader.attachments(refs, signal));
  // A page had told of these, so that nothing but their attachments was asked for: the message is asked itself.
  const doubtful = withFiles.filter((message) => {
    const outcome = files.get(message);
    const gone = outcome?.ok === false && outcome.error instanceof GraphItemNotFoundError;
    return gone && message.metadata !== undefined;
  });
  const asked = await readAll(doubtful, (refs) => reader.metadata(refs, signal));

  return messages.map((message, index): HydrationOutcome => {
    const metadata = known[index] ?? unanswered();
    if ('ok' in metadata) return metadata;
    const itself = asked.get(message);
    if (itself && !itself.ok) return itself;
    const outcome = files.get(message);
    if (outcome && !outcome.ok) return outcome;
    const attachments = outcome?.value ?? [];
    const declined = declinesAttachments(rulesOf(message.mailboxId), attachments, metadata);
    return declined === null
      ? { ok: true, value: { metadata, attachments } }
      : { ok: false, declined, metadata };
  });
}

/**
 * Graph says no when all attachments are inline (docs/graph-contract.md#message-properties). Bodies are not read, where
 * their `cid:` would show; the preview, which costs nothing, often shows it. Where Graph says nothing somebody looks.
 */
function mayHaveAttachments({ hasAttachments, bodyPreview }: MessageMetadata): boolean {
  return hasAttachments !== false || /\bcid:/i.test(bodyPreview ?? '');
}

async function readAll<T>(
  messages: readonly IngestMessage[],
  read: (refs: readonly MessageRef[]) => Promise<ReadResult<T>[]>,
): Promise<Map<IngestMessage, ReadResult<T>>> {
  if (messages.length === 0) return new Map();
  const outcomes = await read(
    messages.map(({ mailboxId, messageId, noticedAt, source }) => ({
      mailboxId,
      messageId,
      noticedAt,
      priority: source === 'backfill' ? 'backfill' : 'live',
    })),
  );
  return new Map(messages.map((message, index) => [message, outcomes[index] ?? unanswered()]));
}

/** A reader that answers less than it was asked is broken; guessing which answer is whose would mix up mail. */
function unanswered(): never {
  throw new Error('the mail reader left a message unanswered');
}
