import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { startChromium, until } from '@ms1/testkit';

import { type FleetHome, setUpFleetHome } from './launch-fleet.ts';

/** Of the launcher's own session; ours comes after it. */
const MESSAGES = 160;
const MAILBOXES = 4;
/** Of ours: those with an e in their subject are refused at first. */
const OURS = 40;

type Chromium = Awaited<ReturnType<typeof startChromium>>;

interface Mail {
  subject: string;
  webLink: string;
}

/** A mail of these that two words of its subject tell from all others, the last first: as a clerk would ask for it. */
function recognisable(mails: readonly Mail[]) {
  for (const mail of mails) {
    const [first = '', ...others] = mail.subject.match(/[\p{L}\d]+(-[\p{L}\d]+)*/gu) ?? [];
    const last = others.at(-1) ?? '';
    const has = (word: string) => mails.filter(({ subject }) => subject.includes(word)).length;
    if (/\d/.test(last) && has(last) === 1) {
      return { words: `${last} ${first.toLowerCase()}`, mail };
    }
  }
  throw new Error(`none of ${mails.length} mails can be told from the others`);
}

/** The simulator's control and its Graph, as the fleet's own launcher and processor call them. */
function simulatorOf({ dataDir }: FleetHome) {
  const read = (name: string) =>
    JSON.parse(readFileSync(join(dataDir, name), 'utf8')) as Record<string, string | number>;
  const [ports, secrets] = [read('ports.json'), read('secrets.json')];
  return {
    password: String(secrets['consolePassword']),
    async call<T>(method: string, path: string, body?: object): Promise<T> {
      const response = await fetch(`http://127.0.0.1:${ports['simulator']}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${secrets['simulatorToken']}`,
          'content-type': 'application/json',
          // As the fleet asks: the link of a message has its id.
          prefer: 'IdType="ImmutableId"',
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
      const text = await response.text();
      return (text === '' ? null : JSON.parse(text)) as T;
    },
  };
}

/** As a visitor who tries what the service stands. */
async function mendOn(browser: Chromium, link: string): Promise<void> {
  const page = await browser.newPage();
  await page.goto(link);
  await page.getByRole('button', { name: 'End ms4-poison-pointed' }).waitFor();
  await page.getByRole('button', { name: 'Mend everything' }).click();
  await page.getByText('Mend everything: done.').waitFor();
  await page.getByRole('button', { name: 'Begin ms4-poison-pointed' }).waitFor();
  await page.close();
}

describe('the page over a whole fleet', () => {
  test('starts a session, watches it, replays what died, finds one message and shows it closed', async () => {
    await using home = await setUpFleetHome();
    const args = ['--messages', String(MESSAGES), '--mailboxes', String(MAILBOXES)];
    const fleet = home.launch(args, {
      env: { OPS_CONSOLE_PASSWORD_ROLE: 'admin', OPS_CONSOLE_PII_ROLE: 'admin' },
    });
    await until(() => fleet.output().includes('The fleet stays up'), {
      timeoutMs: 150_000,
      what: 'the launcher is done with its own session',
    });
    const simulator = simulatorOf(home);
    const { mailboxes } = await simulator.call<{ mailboxes: { id: string }[] }>(
      'GET',
      '/control/status',
    );

    const browser = await startChromium();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(`http://127.0.0.1:${home.consolePort}/`);
      await page.getByLabel('Password').fill(simulator.password);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByText('Live', { exact: true }).waitFor();

      // A session, from the page.
      await page.getByRole('link', { name: 'Sessions', exact: true }).click();
      await page.getByRole('button', { name: 'Start a session' }).click();
      await page.getByLabel('Name').fill('From the page');
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      const session = page.getByRole('article', { name: 'From the page' });
      await session.getByText('open', { exact: true }).waitFor();

      // MS4 refuses some of it, and says which.
      await simulator.call('POST', '/control/faults', {
        name: 'ms4-poison-pointed',
        match: 'e',
      });
      const plan = { messages: OURS, mailboxes: MAILBOXES, seed: 7, announced: 0.5 };
      await simulator.call('POST', '/control/inject', plan);
      await session.getByText(`${OURS} of ${OURS} final`).waitFor();

      // Its messages are dead letters of one cause, and one of them tells so.
      await page.getByRole('link', { name: /^Dead letters/ }).click();
      await page.locator('.cause a').first().click();
      await page.locator('.rows a').first().click();
      await page.getByRole('heading', { name: 'This message is a dead letter' }).waitFor();
      const letter = page.url();

      // MS4 is mended by the page that the launcher named; they are replayed, and none is left.
      const [link = ''] = /file:\S+/.exec(fleet.output()) ?? [];
      await mendOn(browser, link);
      await page.getByRole('link', { name: /^Dead letters/ }).click();
      await page.getByRole('button', { name: 'Replay' }).first().click();
      await page.getByLabel('Reason').fill('MS4 takes them again');
      await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click();
      await page.getByText(/\d+ messages? replayed/).waitFor();
      await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
      await page.getByText('No dead letters').waitFor();
      await until(
        async () => {
          await page.goto(letter);
          await page.locator('h1:not(:text("Looking"))').waitFor();
          return page.getByText('This message is delivered').isVisible();
        },
        { what: 'the replayed message is delivered' },
      );

      // Where is my invoice? Two words of its subject, and there it is, with its way to MS4's receipt.
      const { value } = await simulator.call<{ value: Mail[] }>(
        'GET',
        `/v1.0/users/${mailboxes[1]?.id}/messages?$top=50&$select=subject,webLink`,
      );
      const { words, mail } = recognisable(value);
      // From elsewhere, because it may be the one that was looked at last.
      await page.getByRole('link', { name: /^Dead letters/ }).click();
      const search = page.getByRole('searchbox');
      await search.fill(words);
      await search.press('Enter');
      await page.waitForURL(/\/messages\//);
      const card = page.getByRole('region', { name: 'The mail' });
      await card.getByRole('heading', { name: mail.subject }).waitFor();
      const outlook = card.getByRole('link', { name: 'Open in Outlook' });
      expect(await outlook.getAttribute('href')).toBe(mail.webLink);
      await page.locator('.timeline').waitFor();
      await page.getByRole('heading', { name: 'This message is delivered' }).waitFor();
      const steps = page.locator('.timeline h2');
      expect((await steps.allTextContents()).map((title) => title.replace(/ \(.*/, ''))).toEqual(
        // That it was prepared is noted beside the way: MS4's answer may be there first.
        expect.arrayContaining(['Queued', 'Stored by MS4']),
      );
      await page.getByText('MS4’s receipt:').waitFor();

      // Closed, listed, finished: every message of its window is final.
      await page.getByRole('link', { name: 'Sessions', exact: true }).click();
      await session.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('button', { name: 'Close session' }).click();
      await session.getByText('finished', { exact: true }).waitFor();
      expect(await session.getByRole('link', { name: 'Report', exact: true }).isVisible()).toBe(
        true,
      );

      // A rule is tried on the mail that is there, then saved, and counts for the mail that comes.
      await page.getByRole('link', { name: 'Mailboxes', exact: true }).click();
      await page.locator('tbody a').first().click();
      await page.getByText('Its mail is read', { exact: false }).waitFor();
      await page
        .getByText('requests that Microsoft 365 allows in 10 min', { exact: false })
        .waitFor();
      const rules = page.getByRole('region', { name: 'Rules' });
      const written = rules.getByLabel('Only with one of these in the subject');
      const attempt = rules.getByRole('button', { name: 'Try on the last 100 messages' });
      const save = rules.getByRole('button', { name: 'Save the rules' });
      const senders = rules.getByLabel('Never from these senders');
      await senders.fill('nobody at all');
      await attempt.click();
      await rules.getByText('rules/senders/deny/0 must be an address, or @domain').waitFor();
      await senders.fill('');
      await written.fill('no such words');
      expect(await save.isVisible()).toBe(false);
      await attempt.click();
      await rules.getByText(/^Of [1-9]\d* messages?, 0 would be taken and [1-9]/).waitFor();
      // As the ledger has them they were taken; whoever may see mail sees which, read from their mailbox.
      await rules.getByText(/^[1-9]\d* that were taken would be skipped/).waitFor();
      const changed = rules.getByRole('region', { name: 'Would become something else' });
      await changed.getByText('skipped: rule subject').first().waitFor();
      expect(await changed.locator('.subject').first().textContent()).toMatch(/\w/);
      await save.click();
      await page.getByText(/has 1 rule now\.$/).waitFor();
      await page.reload();
      await until(async () => (await written.inputValue()).includes('no such words'), {
        what: 'the rule is there',
      });
    } finally {
      await browser.close();
    }
  }, 900_000);
});
