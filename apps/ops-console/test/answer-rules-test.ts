import type { TestedMessage } from '@ms1/contracts';
import { RulesTestStore } from '@ms1/mailboxes';
import type { Redis } from '@ms1/redis';
import { until } from '@ms1/testkit';

/** Answers a test of rules as a processor does, as if they had tried these messages; the others are as those of mail. */
export async function answerRulesTest(
  redis: Redis,
  tested: readonly (Pick<TestedMessage, 'key' | 'declinedBy'> & Partial<TestedMessage>)[],
): Promise<void> {
  const tests = new RulesTestStore(redis);
  const asked = await until(() => tests.take(), { what: 'a test of rules was asked for' });
  const messages = tested.map((message) => ({
    folderId: 'inbox',
    receivedAt: '2026-11-30T12:00:00Z',
    webLink: 'https://outlook.office365.com/owa/?ItemID=1',
    unread: null,
    now: 'delivered',
    ...message,
  }));
  const count = (reasons: readonly (string | undefined)[]) => {
    const counts: Record<string, number> = {};
    for (const reason of reasons) if (reason) counts[reason] = (counts[reason] ?? 0) + 1;
    return counts;
  };
  await tests.report(asked, {
    result: {
      at: '2026-11-30T12:00:00Z',
      tested: messages.length,
      taken: messages.filter(({ declinedBy }) => declinedBy.length === 0).length,
      unread: 0,
      declined: count(messages.map(({ declinedBy }) => declinedBy[0])),
      rules: count(messages.flatMap(({ declinedBy }) => declinedBy)),
      messages,
    },
  });
}
