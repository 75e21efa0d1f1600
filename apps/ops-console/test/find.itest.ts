import { describe, expect, test } from '@jest/globals';
import { JOBS, jobIdOf, messageKey } from '@ms1/contracts';

import { MAILBOXES, consoleBundle as setup, TENANT } from './console-bundle.ts';

const [MAILBOX = ''] = MAILBOXES;
const keyOf = (messageId: string): string =>
  messageKey({ tenantId: TENANT, mailboxId: MAILBOX, messageId });

async function setupMail() {
  const bundle = await setup();
  const key = keyOf('a');
  const at = bundle.clock.at;
  await bundle.ledger.record([{ key, state: 'queued', at, sessionId: 's', source: 'poll' }]);
  await bundle.inbound.add(JOBS.ingestMessage, { v: 1 }, { jobId: jobIdOf(key) });
  await bundle.lookup.add([
    {
      key,
      mailboxId: MAILBOX,
      receivedAt: at,
      internetMessageId: '<a@mail.example>',
      sender: 'ar@supplier.example',
      subject: 'Invoice 4711 overdue',
    },
  ]);
  return { bundle, key };
}

describe('POST /api/find', () => {
  test('says where a message is, however it is asked for', async () => {
    const { bundle, key } = await setupMail();
    await using _ = bundle;
    const at = new Date(bundle.clock.at).toISOString();
    for (const query of [
      { key },
      { mailboxId: MAILBOX, messageId: 'a' },
      { internetMessageId: '<a@mail.example>' },
      { internetMessageId: 'a@mail.example' },
      { mailboxId: MAILBOX, from: at, to: at },
      { sender: 'AR@supplier.example', subject: 'overdue invoice' },
      { text: 'overdue 4711' },
      { text: 'supplier.example', from: at, to: at },
      { text: ' ar@supplier.example ' },
      { text: 'a@mail.example' },
      { text: '<a@mail.example>' },
      { text: 'another@supplier.example' },
      { text: key },
    ]) {
      const { status, body } = await bundle.api('POST', '/find', query);
      expect([query, status, body]).toMatchObject([
        query,
        200,
        {
          total: 1,
          messages: [
            { key, mailbox: { id: MAILBOX }, state: 'queued', at, job: { queue: 'inbound' } },
          ],
        },
      ]);
    }
    const nothing = await bundle.api('POST', '/find', { subject: 'reminder', mailboxId: MAILBOX });
    expect(nothing.body).toMatchObject({
      total: 0,
      messages: [],
      searched: {
        by: ['words'],
        understood:
          'mail with “reminder” in the subject, the sender’s name or domain, or the name of a file',
        mailboxId: MAILBOX,
      },
    });
    const { where, not } = nothing.body['searched'] as Record<string, string>;
    expect(where).toMatch(/^in mailbox .+, received from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d$/);
    // What it cannot find it does not deny.
    expect(not).toMatch(/Not searched: what is in a mail.*does not say that it did not/);
  });

  test('leaves nothing of what was asked for in the operator log', async () => {
    const { bundle } = await setupMail();
    await using _ = bundle;
    await bundle.api('POST', '/find', { sender: 'ar@supplier.example', subject: 'overdue' });
    const [, begun] = (await bundle.api('GET', '/actions')).body as unknown as object[];
    expect(begun).toMatchObject({
      detail: { input: { fields: expect.arrayContaining(['sender']) } },
    });
    expect(JSON.stringify(await bundle.operators.list())).not.toMatch(/supplier|overdue/);
  });

  test.each([
    ['nothing', {}],
    ['a message id without its mailbox', { key: keyOf('a'), messageId: 'a' }],
    ['a mailbox that is no GUID', { mailboxId: 'ap@company.example' }],
  ])('refuses %s', async (_name, query) => {
    await using bundle = await setup();
    expect((await bundle.api('POST', '/find', query)).status).toBe(400);
  });
});
