import { describe, expect, test } from '@jest/globals';
import type { Role } from '@ms1/console-api';
import { JOBS, jobIdOf, messageKey } from '@ms1/contracts';
import { RulesTestStore } from '@ms1/mailboxes';
import { aGraphMessage, aMessage } from '@ms1/testkit';

import { consoleBundle, MAILBOXES, TENANT, TOKENS } from './console-bundle.ts';
import { smallGraph } from './small-graph.ts';

const [MAILBOX = ''] = MAILBOXES;
const keyOf = (messageId: string): string =>
  messageKey({ tenantId: TENANT, mailboxId: MAILBOX, messageId });
const AT = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;

interface MailAnswer {
  status: string;
  text: string;
  mail: { subject: string; files: object[]; webLink: string | null } | null;
}

async function setup({ isOn = true } = {}) {
  const graph = await smallGraph();
  let clients: ReturnType<typeof graph.clients> | undefined;
  const bundle = await consoleBundle({
    piiRole: 'operator',
    ...(isOn && {
      graph: (redis) => {
        clients = graph.clients(redis);
        return clients;
      },
    }),
  });
  const at = new Date(AT).toISOString();
  graph.mail.set(MAILBOX, [
    { ...aGraphMessage({ id: 'other', receivedDateTime: at }), attachments: [] },
    {
      ...aGraphMessage({ id: 'a', receivedDateTime: at }),
      subject: 'Invoice RE-2026-4711',
      from: { emailAddress: { name: 'Contoso', address: 'ar@contoso.example' } },
      hasAttachments: true,
      attachments: [
        {
          '@odata.type': '#microsoft.graph.fileAttachment',
          id: '1',
          name: 'invoice.pdf',
          contentType: 'application/pdf',
          size: 48_000,
          isInline: false,
        },
        {
          '@odata.type': '#microsoft.graph.fileAttachment',
          id: '2',
          name: 'logo.png',
          contentType: 'image/png',
          size: 800,
          isInline: true,
        },
      ],
      webLink: 'https://outlook.office365.com/owa/?ItemID=a',
    },
  ]);
  const mail = { mailboxId: MAILBOX, receivedAt: AT, internetMessageId: null, sender: null };
  for (const id of ['a', 'gone']) {
    await bundle.lookup.add([{ ...mail, key: keyOf(id), subject: 'Invoice 4711' }]);
    await bundle.ledger.record([
      { key: keyOf(id), state: 'delivered', at: AT + 4_000, receivedAt: AT },
    ]);
  }
  return {
    ...bundle,
    graph,
    async read(id: string, role: Role = 'operator') {
      const response = await bundle.request(`/api/messages/${keyOf(id)}/mail`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${TOKENS[role]}`,
          'content-type': 'application/json',
        },
        body: '{}',
      });
      expect(response.status).toBe(200);
      return JSON.parse(response.text) as MailAnswer;
    },
    async [Symbol.asyncDispose]() {
      await bundle[Symbol.asyncDispose]();
      await clients?.close();
      await graph[Symbol.asyncDispose]();
    },
  };
}

describe('POST /api/messages/:key/mail', () => {
  test('shows a delivered message by one request, again within a minute by none, and says who looked', async () => {
    await using bundle = await setup();
    expect(await bundle.read('a')).toMatchObject({
      status: 'shown',
      mail: {
        subject: 'Invoice RE-2026-4711',
        receivedAt: new Date(AT).toISOString(),
        files: [
          { name: 'invoice.pdf', kind: 'file', bytes: 48_000, contentType: 'application/pdf' },
        ],
        webLink: 'https://outlook.office365.com/owa/?ItemID=a',
      },
    });
    await bundle.read('a', 'admin');
    expect(bundle.graph.seen).toEqual(['page']);
    bundle.clock.at += 61_000;
    await bundle.read('a');
    expect(bundle.graph.seen).toEqual(['page', 'page']);

    const actions = await bundle.operators.list();
    const looked = actions.filter(({ status }) => status === null);
    expect(looked.map(({ subject }) => subject)).toEqual(['operators', 'admins', 'operators']);
    expect(looked[0]).toMatchObject({ detail: { key: keyOf('a') } });
    expect(JSON.stringify(actions)).not.toMatch(/Invoice|invoice/);
    // And nothing of it is anywhere else.
    const keys = await bundle.redis.keys('*');
    const dumps = await Promise.all(keys.map((key) => bundle.redis.dump(key)));
    expect(dumps.join(' ')).not.toMatch(/invoice\.pdf|RE-2026/);
    const { body } = await bundle.api('GET', `/messages/${keyOf('a')}`);
    expect(body).toMatchObject({ mailbox: { id: MAILBOX } });
  });

  test('reads what still has a job by its id', async () => {
    await using bundle = await setup();
    const message = aMessage(1, { tenantId: TENANT, mailboxId: MAILBOX, messageId: 'waiting' });
    await bundle.inbound.add(JOBS.ingestMessage, message, { jobId: jobIdOf(keyOf('waiting')) });
    bundle.graph.mail.get(MAILBOX)?.push({
      ...aGraphMessage({ id: 'waiting', receivedDateTime: new Date(AT).toISOString() }),
      subject: 'Waits',
      attachments: [],
      webLink: 'javascript:alert(1)',
    });
    const { status, mail } = await bundle.read('waiting');
    expect([status, mail?.subject, mail?.webLink]).toEqual(['shown', 'Waits', null]);
    expect(bundle.graph.seen).toEqual(['message']);
  });

  test('says that the mailbox has it no more, that nobody knows its mailbox, that Graph refuses', async () => {
    await using bundle = await setup();
    expect(await bundle.read('gone')).toMatchObject({ status: 'gone', mail: null });
    expect(await bundle.read('never heard of')).toMatchObject({ status: 'unknown', mail: null });
    bundle.graph.refuse(403, 'ErrorAccessDenied');
    const refused = await bundle.read('a');
    expect(refused).toMatchObject({ status: 'forbidden', mail: null });
    expect(JSON.stringify(refused)).not.toContain('b.example');
  });

  test('finds it among hundreds of one second, and does not call it gone where there are too many to look at', async () => {
    await using bundle = await setup();
    const at = new Date(AT).toISOString();
    const others = Array.from({ length: 1_100 }, (_, n) => ({
      ...aGraphMessage({ id: `other ${n}`, receivedDateTime: at }),
      attachments: [],
    }));
    const mail = bundle.graph.mail.get(MAILBOX) ?? [];
    mail.unshift(...others.slice(0, 600));
    expect(await bundle.read('a')).toMatchObject({ status: 'shown' });
    expect(await bundle.read('gone')).toMatchObject({ status: 'gone' });
    mail.unshift(...others.slice(600));
    bundle.clock.at += 61_000;
    expect(await bundle.read('a')).toMatchObject({ status: 'crowded', mail: null });
    expect(await bundle.read('gone')).toMatchObject({ status: 'crowded', mail: null });
  });

  test('shows nothing to a role below the one that is named, nor without a credential, and asks nobody', async () => {
    await using bundle = await setup();
    expect(await bundle.read('a', 'reader')).toMatchObject({ status: 'hidden', mail: null });
    expect(bundle.graph.seen).toEqual([]);
    await using off = await setup({ isOn: false });
    expect(await off.read('a')).toMatchObject({ status: 'off', mail: null });
    expect((await off.api('GET', '/me')).body).toMatchObject({ mail: 'off' });
  });
});

describe('rules that were tried', () => {
  test('are told with what changes, and with subject and sender to whom may see them, by one request', async () => {
    await using bundle = await setup();
    const tests = new RulesTestStore(bundle.redis);
    const asked = await tests.ask({ mailboxId: MAILBOX, last: 100, rules: {} });
    const receivedAt = new Date(AT).toISOString();
    const tested = (id: string, now: string | null, declinedBy: string[] = []) => ({
      key: keyOf(id),
      folderId: 'inbox',
      receivedAt,
      webLink: `https://outlook.example/?ItemID=${id}`,
      declinedBy,
      unread: null,
      now,
    });
    const messages = [
      tested('a', 'delivered', ['rule_subject']),
      tested('other', 'skipped:rule_sender'),
      tested('gone', 'skipped:source_deleted', ['rule_subject']),
      tested('new', null, ['rule_subject']),
    ];
    const sums = { tested: 4, taken: 1, unread: 0, declined: { rule_subject: 3 } };
    await tests.report(asked, {
      result: { at: receivedAt, ...sums, rules: { rule_subject: 3 }, messages },
    });
    const read = async (role: Role) => {
      const authorization = `Bearer ${TOKENS[role]}`;
      return bundle.api('POST', `/rules-tests/${asked.id}/mail`, {}, { authorization });
    };
    expect((await bundle.api('GET', `/rules-tests/${asked.id}`)).body).toMatchObject({
      changes: [
        { key: keyOf('a'), to: 'skipped' },
        { key: keyOf('other'), to: 'taken' },
      ],
    });
    const linksFor = async (role: Role) => {
      const authorization = `Bearer ${TOKENS[role]}`;
      const { body } = await bundle.api('GET', `/rules-tests/${asked.id}`, undefined, {
        authorization,
      });
      const { messages: told } = body['result'] as { messages: { webLink: string | null }[] };
      return told.map(({ webLink }) => webLink);
    };
    expect(await linksFor('reader')).toEqual(messages.map(() => null));
    expect(await linksFor('operator')).toEqual(messages.map(({ webLink }) => webLink));
    const hidden = await read('reader');
    expect([hidden.body, bundle.graph.seen]).toMatchObject([{ status: 'hidden', mail: [] }, []]);
    const shown = await read('operator');
    const mail = shown.body['mail'] as { key: string }[];
    expect(mail.map(({ key }) => key).toSorted()).toEqual([keyOf('a'), keyOf('other')].toSorted());
    expect(mail).toContainEqual({
      key: keyOf('a'),
      subject: 'Invoice RE-2026-4711',
      from: { name: 'Contoso', address: 'ar@contoso.example' },
    });
    expect(bundle.graph.seen).toEqual(['page']);
    const log = JSON.stringify(await bundle.operators.list());
    expect([log.includes('/rules-tests/:id/mail'), log.includes('Invoice')]).toEqual([true, false]);
    bundle.graph.refuse(403, 'ErrorAccessDenied');
    expect((await read('operator')).body).toMatchObject({ status: 'forbidden', mail: [] });
    await using off = await setup({ isOn: false });
    const unread = await new RulesTestStore(off.redis).ask({
      mailboxId: MAILBOX,
      last: 1,
      rules: null,
    });
    const answer = await off.api('POST', `/rules-tests/${unread.id}/mail`, {});
    expect(answer.body).toMatchObject({ status: 'off', mail: [] });
  });
});
