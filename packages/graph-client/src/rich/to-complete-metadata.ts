import type { MessageMetadata } from '@ms1/contracts';

import { GraphMessage, MESSAGE_SELECT } from '../messages/graph-message.ts';
import { toMetadata } from '../messages/to-metadata.ts';

/**
 * The metadata of what a rich notification carried, or null when it is not the whole of it: a property
 * that is missing is not one that is null, and half a record would be stored for ever. A message that
 * names another id than its notification, and a draft, are left to whoever reads the message itself.
 */
export function toCompleteMetadata(plain: unknown, messageId: string): MessageMetadata | null {
  if (typeof plain !== 'object' || plain === null) return null;
  const names = MESSAGE_SELECT.split(',').filter((name) => name !== 'id');
  if (!names.every((name) => Object.hasOwn(plain, name))) return null;
  const { success, data } = GraphMessage.safeParse({ id: messageId, ...plain });
  if (!success || data.id !== messageId || data.isDraft !== false) return null;
  if (typeof data.hasAttachments !== 'boolean' || !data.receivedDateTime) return null;
  return toMetadata(data);
}
