import { describe, expect, test } from '@jest/globals';
import type { Role } from '@ms1/console-api';
import { messageKey } from '@ms1/contracts';
import { aGraphMessage } from '@ms1/testkit';

import { answerRulesTest } from './answer-rules-test.ts';
import { faultsOf, LOOKS } from './axe.ts';
import { browserBundle } from './browser-bundle.ts';
import { MAILBOXES, TENANT } from './console-bundle.ts';
import { PAYLOADS, spy } from './script-payloads.ts';
import { smallGraph } from './small-graph.ts';

const [MAILBOX = ''] = MAILBOXES;
const AT = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;

const keyOf = (messageId: string): string =>
  messageKey({ tenantId: TENANT, mailboxId: MAILBOX, messageId });

interface Told {
  id: string;
  subject: string;
  name?: string;
  files?: readonly string[];
  webLink?: string;
}

/** A console that may read mail, and a Chromium that is logged in as somebody who may see it. */
async function setup({ passwordRole = 'operator' }: { passwordRole?: Role } = {}) {
  const graph = await smallGraph();
  const opened: Pick<ReturnType<typeof graph.clients>, 'close'>[] = [];
  const bundle = await browserBundle({
    passwordRole,
    piiRole: 'operator',
    graph: (redis) => {
      const clients = graph.clients(redis);
      opened.push(clients);
      return clients;
    },
  });
  graph.mail.set(MAILBOX, []);
  return {
    ...bundle,
    graph,
    async deliver({ id, subject, name = 'Contoso Energie', files = [], webLink }: Told) {
      const sender = 'ar@contoso.example';
      graph.mail.get(MAILBOX)?.push({
        ...aGraphMessage({ id, receivedDateTime: new Date(AT).toISOString() }),
        subject,
        from: { emailAddress: { name, address: sender } },
        attachments: files.map((file, n) => ({
          '@odata.type': '#microsoft.graph.fileAttachment',
          id: `${n}`,
          name: file,
          contentType: file,
          size: 48_000,
          isInline: false,
        })),
        webLink: webLink ?? `https://outlook.office365.com/owa/?ItemID=${id}`,
      });
      const key = keyOf(id);
      const mail = { key, mailboxId: MAILBOX, receivedAt: AT, internetMessageId: null };
      await bundle.lookup.add([{ ...mail, sender, senderName: name, subject, files }]);
      await bundle.ledger.record([{ key, state: 'delivered', at: AT + 4_000, receivedAt: AT }]);
    },
    async [Symbol.asyncDispose]() {
      await bundle[Symbol.asyncDispose]();
      await Promise.all(opened.map((clients) => clients.close()));
      await graph[Symbol.asyncDispose]();
    },
  };
}

describe('mail in the page', () => {
  test('an operator lists mail by state and page by page, and opens one', async () => {
    await using bundle = await setup();
    const mail = Array.from({ length: 60 }, (_, n) => ({
      key: keyOf(`listed ${n}`),
      mailboxId: MAILBOX,
      receivedAt: AT - n * 60_000,
      internetMessageId: null,
      sender: null,
      subject: null,
      isSkipped: n % 10 === 0,
    }));
    await bundle.lookup.add(mail);
    await bundle.ledger.record(
      mail.map(({ key, receivedAt, isSkipped }) => ({
        key,
        state: isSkipped ? ('skipped' as const) : ('delivered' as const),
        at: AT,
        receivedAt,
        ...(isSkipped && { reason: 'rule_sender' }),
      })),
    );
    for (const look of LOOKS) {
      const page = await bundle.open('/mail', { ...look, bypassCSP: true });
      const rows = page.locator('.rows li');
      await page.getByRole('button', { name: 'Older' }).click();
      await page.getByRole('button', { name: 'Older' }).waitFor({ state: 'detached' });
      expect(await rows.count()).toBe(60);
      expect(await faultsOf(page)).toEqual([]);
      await page.getByLabel('State').selectOption('skipped');
      await rows.nth(6).waitFor({ state: 'detached' });
      await rows.nth(5).waitFor();
      expect(await rows.allTextContents()).toEqual(
        Array.from({ length: 6 }, () => expect.stringContaining('skipped: rule sender')),
      );
      await rows.first().getByRole('link').click();
      await page.getByRole('heading', { name: 'This message was skipped' }).waitFor();
      await page.context().close();
    }
  });

  test('a clerk finds an invoice by two words, sees what it is, and has its link: three steps, no id', async () => {
    await using bundle = await setup();
    await bundle.deliver({ id: 'a', subject: 'Ihre Rechnung RE-2026-4711', files: ['r.pdf'] });
    await bundle.deliver({ id: 'b', subject: 'Ihre Rechnung RE-2026-4712' });
    for (const look of LOOKS) {
      const page = await bundle.open('', { ...look, bypassCSP: true });
      // One: the words.
      const search = page.getByRole('searchbox');
      await search.fill('4711 rechnung');
      // Two: a single hit opens by itself.
      await search.press('Enter');
      const mail = page.getByRole('region', { name: 'The mail' });
      await mail.getByRole('heading', { name: 'Ihre Rechnung RE-2026-4711' }).waitFor();
      await mail.getByText('r.pdf').waitFor();
      // Three: the link.
      const link = mail.getByRole('link', { name: 'Open in Outlook' });
      expect(await link.getAttribute('href')).toBe('https://outlook.office365.com/owa/?ItemID=a');
      expect(await link.getAttribute('rel')).toContain('noopener');
      expect(await faultsOf(page)).toEqual([]);

      await search.fill('rechnung contoso');
      await search.press('Enter');
      await page.getByText('2 messages', { exact: true }).waitFor();
      await page.getByText('“rechnung” and “contoso” in the subject').waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await page.context().close();
    }
    // It was read once: the other looks were within a minute.
    expect(bundle.graph.seen).toHaveLength(1);
  });

  test('rules are tried on mail that is shown to whoever may see it, whose text never runs, and saved after that', async () => {
    await using bundle = await setup({ passwordRole: 'admin' });
    for (const [n, text] of PAYLOADS.entries()) {
      await bundle.deliver({ id: `${n}`, subject: text, name: text });
    }
    const tested = PAYLOADS.map((_, n) => ({
      key: keyOf(`${n}`),
      receivedAt: new Date(AT).toISOString(),
      declinedBy: n === 0 ? ['rule_subject'] : [],
      webLink: PAYLOADS[n] ?? '',
    }));
    for (const look of LOOKS) {
      const page = await bundle.open(`/mailboxes/${MAILBOX}`, { ...look, bypassCSP: true });
      const caught = await spy(page);
      const save = page.getByRole('button', { name: 'Save the rules' });
      await page.getByLabel('Which mail is taken').fill('{"subject": {"none": ["<img"]}}');
      expect(await save.isVisible()).toBe(false);
      await page.getByRole('button', { name: 'Try on the last 100 messages' }).click();
      await answerRulesTest(bundle.redis, tested);
      await page.getByText('Of 30 messages, 29 would be taken and 1 skipped.').waitFor();
      await page.getByText('1 that was taken would be skipped.').waitFor();
      const changed = page.getByRole('region', { name: 'Would become something else' });
      await changed
        .getByText((PAYLOADS[0] ?? '').trim().slice(0, 8))
        .first()
        .waitFor();
      await changed.getByText('skipped: rule subject').waitFor();
      expect(await page.locator('.outcome a').count()).toBe(0);
      expect(await faultsOf(page)).toEqual([]);
      await save.waitFor();
      expect(await caught()).toEqual([]);
      if (look === LOOKS.at(-1)) {
        await save.click();
        await page.getByText('has 1 rule now.').waitFor();
        await save.waitFor({ state: 'detached' });
      }
      await page.context().close();
    }
    expect((await bundle.directory.get(MAILBOX))?.rules).toEqual({ subject: { none: ['<img'] } });
  });

  test('no text of a message runs as script, and no link leads anywhere but to Outlook', async () => {
    await using bundle = await setup();
    for (const [n, subject] of PAYLOADS.entries()) {
      if (n % 10 !== 0) continue;
      await bundle.deliver({
        id: `${n}`,
        subject,
        name: subject,
        files: PAYLOADS,
        webLink: PAYLOADS[22 - n / 10] ?? '',
      });
    }
    const page = await bundle.open('');
    const caught = await spy(page);
    for (const [n, payload] of PAYLOADS.entries()) {
      if (n % 10 !== 0) continue;
      await page.goto(`${bundle.origin}/console/messages/${keyOf(`${n}`)}`);
      const mail = page.getByRole('region', { name: 'The mail' });
      await mail.getByRole('listitem').nth(29).waitFor();
      await mail.getByText(payload.trim().slice(0, 8), { exact: false }).first().waitFor();
      expect(await mail.getByRole('link').count()).toBe(0);
    }
    expect(await caught()).toEqual([]);
  });
});
