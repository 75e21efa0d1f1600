import { expect, test } from '@jest/globals';

import { linkMessages } from './link-messages.ts';

test('mail goes on, without links, where nobody can say what came before', async () => {
  const errors: unknown[] = [];
  const failed = new Error('OOM');
  const link = linkMessages({ firstOf: () => Promise.reject(failed) }, (error) =>
    errors.push(error),
  );
  const messages = ['a', 'b'].map((key) => ({ key, mailboxId: 'm', internetMessageId: '<1>' }));
  expect(await link(messages)).toEqual([null, null]);
  expect(errors).toEqual([failed]);
});
