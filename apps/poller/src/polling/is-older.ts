import type { PageMessage } from '@ms1/graph-client';

/**
 * Is it older than what a folder is read from? A message whose time cannot be read is not: to notice
 * too much costs a look, too little loses mail.
 *
 * @param since RFC 3339
 */
export function isOlder({ message }: PageMessage, since: string): boolean {
  return Date.parse(message?.receivedDateTime ?? '') < Date.parse(since);
}
