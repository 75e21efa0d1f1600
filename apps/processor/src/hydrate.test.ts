import { describe, expect, test } from '@jest/globals';
import type { IngestMessage, MessageRules } from '@ms1/contracts';
import { aMessage, aMetadata } from '@ms1/testkit';

import { type HydrateOptions, hydrate } from './hydrate.ts';

/** A reader that answers for a mailbox when it is told to. */
function setup(rules: MessageRules = {}) {
  const asked: string[] = [];
  const headers: boolean[] = [];
  const answers = new Map<string, () => void>();
  const reader: HydrateOptions['reader'] = {
    async read(refs) {
      asked.push(...refs.map(({ messageId }) => messageId));
      headers.push(...refs.map((ref) => ref.headers));
      await new Promise<void>((resolve) => answers.set(refs[0]?.mailboxId ?? '', resolve));
      return refs.map(({ messageId }) => ({
        ok: true,
        value: { metadata: aMetadata({ subject: messageId }), attachments: [] },
      }));
    },
  };
  const run = (messages: IngestMessage[], allHeaders = false) =>
    hydrate(messages, { reader, rulesOf: () => rules, allHeaders }, new AbortController().signal);
  return { asked, headers, answers, run };
}

describe('hydrate', () => {
  test('asks for each mailbox at once, and answers in the order given', async () => {
    const { asked, answers, run } = setup();
    const messages = ['a', 'b', 'a'].map((mailboxId, n) => aMessage(n, { mailboxId }));
    const outcomes = run(messages);
    expect(asked).toHaveLength(3);
    answers.get('b')?.();
    answers.get('a')?.();
    const subjects = (await outcomes).map(
      (outcome) => outcome.ok && outcome.value.metadata.subject,
    );
    expect(subjects).toEqual(messages.map(({ messageId }) => messageId));
  });

  test.each<[boolean, MessageRules, boolean]>([
    [false, {}, false],
    [true, {}, true],
    [false, { kinds: ['mail'] }, true],
  ])(
    'where all headers are wanted %j, and rules are %j, asks for them: %j',
    async (all, rules, is) => {
      const { headers, answers, run } = setup(rules);
      const outcomes = run([aMessage(1), aMessage(2)], all);
      answers.get('mailbox')?.();
      await outcomes;
      expect(headers).toEqual([is, is]);
    },
  );

  test('does not take who is allowed before it has been said who sent it', async () => {
    const { asked, answers, run } = setup({ senders: { allow: ['@supplier.example'] } });
    const outcomes = run([aMessage(1, { metadata: aMetadata() })]);
    answers.get('mailbox')?.();
    expect(await outcomes).toMatchObject([{ declined: 'rule_sender_unauthenticated' }]);
    expect(asked).toHaveLength(1);
  });

  test('asks for nothing of a message that is declined by what its job carried', async () => {
    const { asked, run } = setup({ subject: { any: ['invoice'] } });
    const metadata = aMetadata({ subject: 'newsletter' });
    expect(await run([aMessage(1, { metadata })])).toEqual([
      { ok: false, declined: 'rule_subject', metadata },
    ]);
    expect(asked).toEqual([]);
  });

  test('reads what somebody takes whatever the rules say, by its metadata or by its files', async () => {
    const { answers, run } = setup({ kinds: ['bounce'], hasAttachments: true });
    const metadata = aMetadata({ kind: 'draft' });
    const messages = [
      aMessage(1, { metadata, overruled: true }),
      aMessage(2, { overruled: true }),
      aMessage(3, { metadata }),
      aMessage(4),
    ];
    const outcomes = run(messages);
    answers.get('mailbox')?.();
    expect(
      (await outcomes).map((outcome) => ('declined' in outcome ? outcome.declined : '')),
    ).toEqual(['', '', 'rule_kind_draft', 'rule_kind_mail']);
  });
});
