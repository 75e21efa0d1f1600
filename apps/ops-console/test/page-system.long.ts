import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { faultsOf, LOOKS } from './axe.ts';
import { browserBundle, keyOf } from './browser-bundle.ts';
import { FOLDERS, MAILBOXES } from './console-bundle.ts';
import { PAYLOADS, spy } from './script-payloads.ts';

type Bundle = Awaited<ReturnType<typeof browserBundle>>;

const [MAILBOX = ''] = MAILBOXES;

/** An audit of one mailbox that found a message which nothing accounts for. */
async function unexplained(bundle: Bundle, key: string, text = 'rule_sender'): Promise<string> {
  const { auditStore, clock } = bundle;
  const folders = FOLDERS.map((folderId) => ({ mailboxId: MAILBOX, folderId }));
  const at = new Date(clock.now()).toISOString();
  const window = { from: null, to: at, sessionId: null, repair: false };
  const { id } = await auditStore.create({ folders, ...window });
  const witness = { key, mailboxId: MAILBOX, messageId: 'a', receivedAt: at };
  for (const folder of folders) {
    await auditStore.report(id, folder, {
      at,
      from: null,
      to: at,
      listed: 3,
      counts: { delivered: 1, skipped: 1, dead: 0, inFlight: 0, unexplained: 1 },
      reasons: { [`skipped:${text}`]: 1 },
      repaired: 0,
      witnesses: [{ ...witness, why: 'not_noticed' }],
    });
  }
  return id;
}

/** Processes, audits and lines of the log, with a text of somebody's wherever one is shown. */
async function fill(bundle: Bundle, text: string): Promise<void> {
  const { processes, operators, clock } = bundle;
  const process = { version: '1.2.3', host: text, pid: 7, startedAt: clock.now() - 7_200_000 };
  const lastError = { at: clock.now(), code: text };
  const poller = { ...process, id: text, app: 'poller', unready: [text], lastError };
  await processes.beat(poller);
  const action = { by: 'token', subject: text, name: text, action: text, detail: { reason: text } };
  const of = await operators.append({ ...action, status: null, of: null });
  await operators.append({ ...action, detail: null, status: 202, of });
}

const SYSTEM = ['/fleet', '/checks', '/audits', '/actions'];

describe('the pages about the service itself', () => {
  test('an operator audits, sees what was done, which process is in trouble, and what is wrong', async () => {
    await using bundle = await browserBundle();
    await fill(bundle, 'ECONNREFUSED');
    await bundle.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const page = await bundle.open('');
    const system = page.getByRole('navigation', { name: 'System' });

    await page.getByRole('link', { name: 'System' }).click();
    const poller = page.getByRole('listitem').filter({ hasText: 'up for 2 h' });
    await poller.getByText('not ready: ECONNREFUSED').waitFor();
    await poller.getByText('last error ECONNREFUSED').waitFor();
    await page.getByText('No process of ms4-sender is alive.', { exact: false }).waitFor();

    await system.getByRole('link', { name: 'Checks' }).click();
    await page.getByText('What to do: set maxmemory-policy noeviction', { exact: false }).waitFor();

    await system.getByRole('link', { name: 'Audits' }).click();
    await page.getByRole('button', { name: 'Start an audit' }).click();
    await page.getByLabel('Put back on the queue').check();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText('of 4 folders listed', { exact: false }).waitFor();
    const [audit] = await bundle.auditStore.list();
    expect(audit?.repair).toBe(true);

    await unexplained(bundle, keyOf(1));
    await system.getByRole('link', { name: 'Audits' }).click();
    await page.getByText('2 messages unexplained').waitFor();
    await page.getByRole('link', { name: 'Audit, ', exact: false }).first().click();
    await page.getByText('puts back what nothing accounts for', { exact: false }).waitFor();
    await page.getByText('Rule sender: 2').waitFor();
    await page
      .getByRole('link', { name: keyOf(1) })
      .first()
      .waitFor();

    await system.getByRole('link', { name: 'Operators’ log' }).click();
    const line = page.getByRole('listitem').filter({ hasText: 'POST /audits' });
    await line.getByText('done', { exact: true }).waitFor();

    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe('operators-log.csv');
    expect(readFileSync(await file.path(), 'utf8')).toContain('POST /audits');
  });

  test('whoever may only look is offered no audit, and everything is reached by the keyboard', async () => {
    await using bundle = await browserBundle({ passwordRole: 'reader' });
    const id = await unexplained(bundle, keyOf(1));
    const page = await bundle.open('/audits');
    await page.getByText('2 messages unexplained').waitFor();
    expect(await page.locator('main button').allTextContents()).toEqual([]);
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
    const seen: string[] = [];
    await page.locator('#main').focus();
    await until(
      async () => {
        await page.keyboard.press('Tab');
        seen.push(await focused());
        return seen.at(-1)?.startsWith('Audit, ');
      },
      { what: 'the audit has the focus' },
    );
    expect(seen.slice(0, 5)).toEqual(['Processes', 'Checks', 'Audits', 'Operators’ log', 'Queues']);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Unexplained' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/console/audits/${id}`);
  });

  test('axe finds nothing in any of them, in either theme, and on a phone nothing is too wide', async () => {
    await using bundle = await browserBundle();
    const id = await unexplained(bundle, keyOf(1));
    const faults: string[] = [];
    // Colours are the theme's, whatever the width: one theme on a phone, the other on a screen.
    for (const look of LOOKS.slice(1, 3)) {
      const page = await bundle.open('', { ...look, bypassCSP: true });
      // A process that says nothing for 15 s is gone.
      await fill(bundle, 'x'.repeat(80));
      for (const view of [...SYSTEM, `/audits/${id}`]) {
        await page.goto(`${bundle.origin}/console${view}`);
        await page.locator('main li, main table').first().waitFor();
        const found = await faultsOf(page);
        faults.push(...found.map((fault) => `${view} ${look.colorScheme}: ${fault}`));
      }
      await page.goto(`${bundle.origin}/console/audits`);
      await page.getByRole('button', { name: 'Start an audit' }).click();
      const found = await faultsOf(page);
      faults.push(...found.map((fault) => `new audit ${look.colorScheme}: ${fault}`));
      await page.context().close();
    }
    expect(faults).toEqual([]);
  });

  test('no text in them runs as script', async () => {
    await using bundle = await browserBundle();
    const ids = await Promise.all(
      PAYLOADS.map(async (payload, n) => {
        await fill(bundle, payload);
        return unexplained(bundle, keyOf(n), payload);
      }),
    );
    const page = await bundle.open('');
    const caught = await spy(page);
    const shown = '<img src=x onerror=ran=true>';
    for (const view of ['/fleet', '/actions', `/audits/${ids[7]}`]) {
      await page.goto(`${bundle.origin}/console${view}`);
      await page.getByText(shown, { exact: false }).first().waitFor();
    }
    await page.goto(`${bundle.origin}/console/audits`);
    await page.getByText('2 messages unexplained').first().waitFor();
    expect(await caught()).toEqual([]);
  });
});
