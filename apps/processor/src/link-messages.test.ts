import { expect, test } from '@jest/globals';

import { linkMessages } from './link-messages.ts';

test('mail goes on, without links, where nobody can say what came before', async () => {
  const errors: unknown[] = [];
  const failed = new Error('OOM');
  const senders = { areFirst: async () => [true, true] };
  const link = linkMessages({ firstOf: () => Promise.reject(failed) }, senders, (error) =>
    errors.push(error),
  );
  const messages = ['a', 'b'].map((key) => ({
    key,
    mailboxId: 'm',
    internetMessageId: '<1>',
    address: 'a@b.example',
  }));
  const nothing = { sameAs: null, isFirstMail: false };
  expect(await link(messages)).toEqual([nothing, nothing]);
  expect(errors).toEqual([failed]);
});
