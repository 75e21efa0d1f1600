import { INBOUND_BYTES_MAX, type IngestMessage, type MessageSource } from '@ms1/contracts';
import { type PageMessage, toMetadata } from '@ms1/graph-client';

export interface Noticing {
  tenantId: string;
  mailboxId: string;
  source: MessageSource;
  sessionId: string | null;
  /** RFC 3339 UTC */
  noticedAt: string;
}

/**
 * The job of a message that a page carried. The metadata travels along where it fits, so that nobody
 * asks Graph for it again. It stays out when the page told only part of the message (an update may
 * carry its changed properties alone, Graph contract 4): the processor fetches it then.
 */
export function toIngestMessage(page: PageMessage, noticing: Noticing): IngestMessage {
  const bare: IngestMessage = { v: 1, messageId: page.id, ...noticing };
  if (!page.message?.receivedDateTime || page.message.subject === undefined) return bare;
  const whole = { ...bare, metadata: toMetadata(page.message) };
  return Buffer.byteLength(JSON.stringify(whole)) <= INBOUND_BYTES_MAX ? whole : bare;
}
