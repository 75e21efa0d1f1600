import {
  DeliverRecord,
  IngestMessage,
  PAYLOAD_VERSION,
  QUEUES,
  StrippedRecord,
} from '@ms1/contracts';

/**
 * A payload without personal data: which message it is, who noticed it and when. The message can still be delivered,
 * because the processor reads the mailbox again. Nothing is left of a payload that does not parse.
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
