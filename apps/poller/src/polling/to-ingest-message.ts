import { INBOUND_BYTES_MAX, type IngestMessage } from '@ms1/contracts';
import { isWhole, type PageMessage, toMetadata } from '@ms1/graph-client';

type Noticing = Omit<IngestMessage, 'v' | 'messageId' | 'metadata'>;

/**
 * The job of a message that a page carried. The metadata travels along where it fits, so that nobody
 * asks Graph for it again. It stays out when the page told only part of the message, or not when it came or whether it has
 * attachments: the processor fetches it then.
 */
export function toIngestMessage(page: PageMessage, noticing: Noticing): IngestMessage {
  const bare: IngestMessage = { v: 1, messageId: page.id, ...noticing };
  const { message } = page;
  if (message === null || !isWhole(message)) return bare;
  if (!message.receivedDateTime || typeof message.hasAttachments !== 'boolean') return bare;
  const whole = { ...bare, metadata: toMetadata(message) };
  return Buffer.byteLength(JSON.stringify(whole)) <= INBOUND_BYTES_MAX ? whole : bare;
}
