import type { Connect } from '../connection.ts';
import { type ExpandRefusal, ExpandRefusals } from './expand-refusals.ts';
import { ExpandedMessages } from './expanded-messages.ts';
import { ExpandedPages } from './expanded-pages.ts';
import { LearnedSizes } from './learned-sizes.ts';
import type { MessageReader } from './message-reader.ts';

export interface ExpandedReaderOptions {
  /** how a mailbox is read that refuses the expansion */
  plain: Pick<MessageReader, 'messages' | 'attachments'>;
  now: () => number;
  /** told once for each time that a mailbox goes back to the plain way */
  onRefusal: ((refusal: ExpandRefusal) => void) | undefined;
}

/** Mail with its files, by pages and message by message. What the one finds refused holds for the other. */
export class ExpandedReader {
  readonly pages: ExpandedPages;
  readonly messages: ExpandedMessages;

  constructor(connect: Connect, { plain, now, onRefusal }: ExpandedReaderOptions) {
    const refusals = new ExpandRefusals(now, onRefusal);
    const sizes = new LearnedSizes(now);
    this.pages = new ExpandedPages(connect, refusals, sizes);
    this.messages = new ExpandedMessages({ connect, refusals, sizes, plain, now });
  }
}
