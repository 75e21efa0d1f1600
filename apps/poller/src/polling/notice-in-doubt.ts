import type { IngestMessage } from '@ms1/contracts';
import type { InboundProducer } from '@ms1/queue';

import { type JudgeOptions, judgeMessages } from '../auditing/judge-messages.ts';

export interface NoticeInDoubtOptions extends Omit<JudgeOptions, 'listedAt'> {
  producer: Pick<InboundProducer, 'notice'>;
  /** was the store reset a moment ago? */
  isInDoubt: () => boolean;
  putBack: (messages: readonly IngestMessage[]) => Promise<void>;
}

/** ms after a reset: every folder is read anew within it, and after that the rolling audit looks at the same. */
export const IN_DOUBT_MS = 3_600_000;

/**
 * Notices messages; after a reset of the store it does not believe the ledger that one is on its way. Whoever
 * was in the middle of something told it so after the job was lost.
 */
export class NoticeInDoubt {
  readonly #options: NoticeInDoubtOptions;

  constructor(options: NoticeInDoubtOptions) {
    this.#options = options;
  }

  /** Resolves when the messages are in Redis. */
  async notice(messages: readonly IngestMessage[]): ReturnType<InboundProducer['notice']> {
    const { producer, isInDoubt, putBack } = this.#options;
    const noticed = await producer.notice(messages);
    if (!isInDoubt() || noticed.known === 0) return noticed;
    // Skips in vain are taken back by `notice` itself: here every skip is believed.
    const judgements = await judgeMessages({ ...this.#options, listedAt: 0 }, messages);
    const lost = judgements.filter(({ verdict }) => verdict === 'unexplained');
    if (lost.length > 0) await putBack(lost.map(({ message }) => message));
    const { added, known, before } = noticed;
    return { added: added + lost.length, known: known - lost.length, before };
  }
}
