import type { MessageMetadata } from '@ms1/contracts';

import { GraphMessage, isWhole } from '../messages/graph-message.ts';
import { toMetadata } from '../messages/to-metadata.ts';

/**
 * The metadata in a rich notification; null when it is not complete. A draft, and a message with another id than its
 * notification, are null too: the processor reads the message itself.
 */
export function toCompleteMetadata(plain: unknown, messageId: string): MessageMetadata | null {
  if (typeof plain !== 'object' || plain === null) return null;
  const { success, data } = GraphMessage.safeParse({ id: messageId, ...plain });
  if (!success || data.id !== messageId || data.isDraft !== false) return null;
  if (!isWhole(data)) return null;
  if (typeof data.hasAttachments !== 'boolean' || !data.receivedDateTime) return null;
  return toMetadata(data);
}
