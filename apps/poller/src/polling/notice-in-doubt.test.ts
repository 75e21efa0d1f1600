import { describe, expect, test } from '@jest/globals';
import { aLedgerEntry, aMessage } from '@ms1/testkit';

import { NoticeInDoubt } from './notice-in-doubt.ts';

const message = (messageId: string) => aMessage(1, { messageId });

function setup(isInDoubt: boolean) {
  const back: string[] = [];
  const producer = new NoticeInDoubt({
    producer: { notice: async () => ({ added: 0, known: 2, before: [] }) },
    isInDoubt: () => isInDoubt,
    ledger: {
      known: async (keys) => keys.map(() => aLedgerEntry({ state: 'prepared' })),
    },
    // The second one's job was lost with the store.
    locate: async (keys) =>
      keys.map((_, index) => (index === 0 ? { queue: 'outbound', failed: false } : null)),
    putBack: async (messages) => void back.push(...messages.map(({ messageId }) => messageId)),
  });
  return { back, notice: () => producer.notice([message('on its way'), message('lost')]) };
}

describe('NoticeInDoubt', () => {
  test('puts back what the ledger calls prepared and no queue has, after a reset only', async () => {
    const doubted = setup(true);
    expect(await doubted.notice()).toMatchObject({ added: 1, known: 1 });
    expect(doubted.back).toEqual(['lost']);
    const believed = setup(false);
    expect(await believed.notice()).toMatchObject({ added: 0, known: 2 });
    expect(believed.back).toEqual([]);
  });
});
