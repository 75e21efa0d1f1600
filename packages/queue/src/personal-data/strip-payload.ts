import {
  DeliverRecord,
  IngestMessage,
  PAYLOAD_VERSION,
  QUEUES,
  StrippedRecord,
} from '@ms1/contracts';

/**
 * What is left of a payload without what is personal: which message it is, who noticed it and when. It still leads to
 * the message's delivery, because what is missing is read from the mailbox again. Of what does not parse nothing is left.
 *
 * @returns null for one of a later version: what in it is personal is not known here
 */
export function strippedPayload(queue: string, payload: unknown): object | null {
  const bare = StrippedRecord.safeParse(payload);
  if (bare.success) return bare.data;
  if (((payload as { v?: unknown } | null)?.v as number) > PAYLOAD_VERSION) return null;
  if (queue === QUEUES.outbound) return strippedRecord(payload);
  const message = IngestMessage.safeParse(payload);
  if (!message.success) return {};
  const { metadata: _, ...rest } = message.data;
  return rest;
}

function strippedRecord(payload: unknown): object {
  const delivery = DeliverRecord.safeParse(payload);
  if (!delivery.success) return {};
  const { mailbox, messageId, source, sessionId, ingestedAt } = delivery.data.record;
  const stripped = { mailboxId: mailbox, messageId, source, sessionId, noticedAt: ingestedAt };
  return { v: 2, stripped } satisfies StrippedRecord;
}
