import { describe, expect, test } from '@jest/globals';
import { aMailbox } from '@ms1/testkit';

import { answerRulesTest } from './answer-rules-test.ts';
import { faultsOf, LOOKS, violationsOf } from './axe.ts';
import { browserBundle, keyOf } from './browser-bundle.ts';
import { FOLDERS, MAILBOXES, TENANT } from './console-bundle.ts';

const VIEWS = [
  '',
  '/mail',
  '/sessions',
  '/mailboxes',
  `/mailboxes/${MAILBOXES[0]}`,
  '/dead-letters',
  '/find',
  `/messages/${keyOf(1)}`,
];
describe('the page is for everybody', () => {
  test('axe finds nothing in any view, in either theme, at either width, nor in a dialog', async () => {
    await using bundle = await browserBundle();
    await bundle.fill();
    const faults: string[] = [];
    for (const look of LOOKS) {
      // axe needs what the page forbids itself: a Trusted Types policy.
      const page = await bundle.open('', { ...look, bypassCSP: true });
      const check = async (name: string): Promise<void> => {
        const found = await faultsOf(page);
        faults.push(...found.map((fault) => `${name} ${look.colorScheme}: ${fault}`));
      };
      for (const view of VIEWS) {
        await page.goto(`${bundle.origin}/console${view}`);
        await page.getByText('Live', { exact: true }).waitFor();
        await page.locator('h1:not(:text("Looking"))').waitFor();
        await check(view);
      }
      await page.goto(`${bundle.origin}/console/dead-letters`);
      await page.locator('.cause a').first().click();
      await page.getByRole('heading', { name: 'All of them' }).waitFor();
      await check('dead letters of a cause');
      await page.goto(`${bundle.origin}/console/sessions`);
      await page.getByRole('button', { name: 'Start a session' }).click();
      await check('new session');
      await page.goto(`${bundle.origin}/console/mailboxes/${MAILBOXES[0]}`);
      await page.getByRole('button', { name: 'Try on the last 100 messages' }).click();
      await answerRulesTest(bundle.redis, [
        { key: keyOf(1), declinedBy: ['rule_subject', 'rule_sender_unauthenticated'] },
        { key: keyOf(2), declinedBy: [] },
      ]);
      await page.getByText('Of 2 messages, 1 would be taken and 1 skipped.').waitFor();
      await check('rules');
      await page.context().close();
    }
    expect(faults).toEqual([]);
  });

  test('the check finds what is wrong: a control', async () => {
    await using bundle = await browserBundle();
    const page = await bundle.open('', { bypassCSP: true });
    await page.evaluate(`{
      const search = document.querySelector('#search');
      search.previousElementSibling.remove();
      search.removeAttribute('placeholder');
    }`);
    expect((await violationsOf(page)).join('\n')).toContain('label: <input id="search"');
  });

  test('everything can be reached and done with the keyboard', async () => {
    await using bundle = await browserBundle();
    await bundle.fill();
    const page = await bundle.open('/sessions');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Start a session');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('Start a session');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('CSV of the sessions');
    await page.keyboard.press('Tab');
    expect(await focused()).toMatch(/^Pause/);
    await page.keyboard.press('Enter');
    await page.getByText('is paused', { exact: false }).waitFor();
  });

  test('a reader sees no action, may follow a message, and is refused the rest in words', async () => {
    await using bundle = await browserBundle({ passwordRole: 'reader' });
    await bundle.fill();
    const page = await bundle.open('/sessions');
    await page.getByRole('heading', { name: 'Month-end November' }).waitFor();
    const buttons = async () => page.locator('main button').allTextContents();
    expect(await buttons()).toEqual([]);
    await page.goto(`${bundle.origin}/console/dead-letters`);
    await page.locator('.cause a').first().click();
    await page.getByText('first 1', { exact: false }).or(page.getByText('All of them')).waitFor();
    expect(await buttons()).toEqual([]);
    await page.locator('.rows a').first().click();
    await page.getByRole('heading', { name: 'This message is a dead letter' }).waitFor();
    expect(await buttons()).toEqual([]);
    const search = page.getByRole('searchbox');
    await search.fill('somebody@example.com');
    await search.press('Enter');
    await page.getByText('Your role may look, not act.', { exact: false }).waitFor();
    expect(await bundle.operators.list()).toEqual([]);
  });

  test('an operator pauses and resumes a mailbox on its page, which says what is wrong and what to do', async () => {
    await using bundle = await browserBundle();
    const [mailboxId = ''] = MAILBOXES;
    const yields = { announced: 9, unannounced: 1, lateMs: 9_000 };
    for (const folderId of FOLDERS) await bundle.yields.record({ mailboxId, folderId }, yields);
    const page = await bundle.open('/mailboxes');
    const row = page.getByRole('row').filter({ hasText: '18 of 20' });
    await row.getByText('Well', { exact: true }).waitFor();
    await row.getByRole('link').click();
    await page.getByText('Its mail is read, and nothing is wrong').waitFor();
    await page
      .getByText('Notifications told of 18 of the 20 messages of the last hour, on average 1 s')
      .waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('dialog').getByText('Its new mail is not noticed').waitFor();
    expect((await bundle.directory.get(mailboxId))?.state).toBe('active');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Nothing new is read from it').waitFor();
    await page.getByText('Resume it, and all that came meanwhile is found.').waitFor();
    expect((await bundle.directory.get(mailboxId))?.state).toBe('paused');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Its mail is read, and nothing is wrong').waitFor();
    expect((await bundle.directory.get(mailboxId))?.state).toBe('active');
    await page.getByRole('link', { name: 'Its dead letters' }).click();
    await page.getByRole('heading', { name: 'Mail', exact: true }).waitFor();
    const chosen = (label: string) => page.getByLabel(label).inputValue();
    expect([await chosen('Mailbox'), await chosen('State')]).toEqual([mailboxId, 'dead']);
  });

  test('of 500 mailboxes the one to look at is first; they are sorted and found by name with the keyboard', async () => {
    await using bundle = await browserBundle();
    const { directory, watched, yields } = bundle;
    const idOf = (n: number): string =>
      `${n}`.padStart(8, '0').concat('-2222-4222-8222-222222222222');
    for (let n = 0; n < 500; n += 1) {
      await directory.put(
        aMailbox({ tenantId: TENANT, mailboxId: idOf(n), label: `Shop ${n}`, folders: ['inbox'] }),
        { state: n === 321 ? 'paused' : 'active' },
      );
    }
    await watched.refresh();
    const folder = { mailboxId: idOf(7), folderId: 'inbox' };
    await yields.record(folder, { announced: 1, unannounced: 9, lateMs: 0 });
    const page = await bundle.open('/mailboxes');
    await page.getByText('502 mailboxes, 1 to look at').waitFor();
    const first = page.locator('tbody tr').first();
    expect(await first.textContent()).toMatch(/Shop 321.*Paused/);
    const press = async (name: string): Promise<void> => {
      await page.getByRole('button', { name }).focus();
      await page.keyboard.press('Enter');
    };
    await press('Notified');
    await first.getByText('1 of 10').waitFor();
    expect(await first.textContent()).toContain('Shop 7');
    await press('Mailbox');
    await press('Mailbox');
    await first.getByText('Shop 499').waitFor();
    await page.getByLabel('Name or id').focus();
    await page.keyboard.type('shop 32');
    await page.getByText('11 of 502 shown').waitFor();
    await page.getByLabel('State').selectOption('to look at');
    await page.getByText('1 of 502 shown').waitFor();
    await first.getByRole('link').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Shop 321' }).waitFor();
  });

  test('a group of dead letters is given an owner, is put off, and comes back when its time is over', async () => {
    await using bundle = await browserBundle();
    await bundle.fill();
    const page = await bundle.open('/dead-letters');
    const first = page.locator('.cause').first();
    const name = (await first.getByRole('link').textContent()) ?? '';
    await first.getByRole('link').click();
    await page.getByLabel('Assigned to').fill('Accounts payable');
    await page.getByLabel('Note').fill('MS4 is asked');
    // Fields are in the browser's time, which is the machine's, and have no seconds.
    const end = new Date(bundle.clock.now() + 7_200_000);
    const local = new Date(end.getTime() - end.getTimezoneOffset() * 60_000);
    await page.getByLabel('Put off until').fill(local.toISOString().slice(0, 16));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();

    await page.getByRole('link', { name: 'All causes' }).click();
    const putOff = page.getByRole('region', { name: 'Put off' });
    await putOff.getByRole('link', { name }).waitFor();
    await putOff.getByText('Accounts payable').waitFor();
    await putOff.getByText('MS4 is asked').waitFor();

    bundle.clock.now = () => Date.now() + 7_300_000;
    await putOff.waitFor({ state: 'detached' });
    await page.locator('.cause').getByRole('link', { name }).waitFor();
    expect(await page.locator('.cause').getByText('Accounts payable').isVisible()).toBe(true);
  });

  test('nothing moves for those who asked for that', async () => {
    await using bundle = await browserBundle();
    const page = await bundle.open('', { reducedMotion: 'reduce' });
    const running = await page.evaluate('document.getAnimations().length');
    expect(running).toBe(0);
  });
});
