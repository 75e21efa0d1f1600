import type { MessageMetadata } from '@ms1/contracts';

import type { GraphMessage } from '../messages/graph-message.ts';
import { authenticationOf } from './authentication-of.ts';
import { readHeaders } from './internet-headers.ts';
import { kindOfHeaders } from './kind-of-headers.ts';

/** What only its headers tell of a message. */
export type HeaderFacts = Required<Pick<MessageMetadata, 'authentication'>> &
  Pick<MessageMetadata, 'kind'>;

/** Of a message that was asked for with its headers: one that has none says nothing, and nobody has authenticated it. */
export function judgeHeaders(
  { internetMessageHeaders, from }: GraphMessage,
  authservIds: readonly string[],
): HeaderFacts {
  const headers = readHeaders(internetMessageHeaders);
  const kind = kindOfHeaders(headers);
  const authentication = authenticationOf(headers, from?.emailAddress?.address, authservIds);
  return { ...(kind && { kind }), authentication };
}
