import { type PageMessage, timeOf } from '@ms1/graph-client';

/**
 * Is it older than what a folder is read from? A message without a time that can be believed is not: to notice
 * too much costs a look, too little loses mail.
 *
 * @param since RFC 3339
 */
export function isOlder({ message }: PageMessage, since: string): boolean {
  const receivedAt = timeOf(message?.receivedDateTime);
  return receivedAt !== null && receivedAt < Date.parse(since);
}
