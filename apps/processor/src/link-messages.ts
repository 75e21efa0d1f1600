import type { SameAs } from '@ms1/contracts';
import type { KnownSenders, LinkedMessage, MessageLinks, SentMessage } from '@ms1/ledger';

/** What was there before a message. */
export interface Before {
  /** the first with its Internet Message-ID; null: this one */
  sameAs: SameAs | null;
  /** nothing of its sender has come before */
  isFirstMail: boolean;
}

export type ComingMessage = LinkedMessage & SentMessage;

/** Links messages to those before them. Mail goes on without it, and is whole: it is a help. */
export function linkMessages(
  links: Pick<MessageLinks, 'firstOf'>,
  senders: Pick<KnownSenders, 'areFirst'>,
  onError: (error: unknown) => void,
): (messages: readonly ComingMessage[]) => Promise<Before[]> {
  return async (messages) => {
    try {
      const [same, first] = await Promise.all([
        links.firstOf(messages),
        senders.areFirst(messages),
      ]);
      return messages.map((_, index) => ({
        sameAs: same[index] ?? null,
        isFirstMail: first[index] ?? false,
      }));
    } catch (error) {
      onError(error);
      return messages.map(() => ({ sameAs: null, isFirstMail: false }));
    }
  };
}
