import type { SameAs } from '@ms1/contracts';
import type { LinkedMessage, MessageLinks } from '@ms1/ledger';

/** Links messages to those before them. Mail goes on without it, and is whole: the link is a help. */
export function linkMessages(
  links: Pick<MessageLinks, 'firstOf'>,
  onError: (error: unknown) => void,
): (messages: readonly LinkedMessage[]) => Promise<(SameAs | null)[]> {
  return async (messages) => {
    try {
      return await links.firstOf(messages);
    } catch (error) {
      onError(error);
      return messages.map(() => null);
    }
  };
}
