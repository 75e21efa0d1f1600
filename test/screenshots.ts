/**
 * `npm run screenshots`: pictures of the console for docs/images, over a fleet that runs: simulated mail, a session at work,
 * and an MS4 that refuses some of it. Takes about five minutes.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
// oxlint-disable-next-line no-restricted-imports -- no test: its pictures show three minutes of traffic
import { setTimeout as delay } from 'node:timers/promises';
import { startChromium, until } from '@ms1/testkit';

import { startFleet } from './running-fleet.ts';
import { root } from './workspaces.ts';

const FOLDER = join(root, 'docs', 'images');
const MAILBOXES = 6;
/** Of the launcher's own session; the one in the pictures is at work for longer than they take. */
const BEFORE = 1_200;
const PLAN = { messages: 9_000, mailboxes: MAILBOXES, seed: 11, announced: 0.9, perSecond: 20 };
/** ms; as long as the chart is wide */
const TRAFFIC_MS = 190_000;
const PHONE = 390;

const starting = startFleet(['--messages', String(BEFORE), '--mailboxes', String(MAILBOXES)]);
// The fleet is a process group of its own: whoever interrupts this would leave it running.
const end = async (): Promise<void> => {
  await (await starting)[Symbol.asyncDispose]();
  process.exit(1);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());
await using fleet = await starting;
const { mailboxes } = await fleet.simulator.status();
await fleet.fault('ms4-poison-pointed', { match: '77-' });
await fleet.api('/sessions', { name: 'Month-end', mailboxes: mailboxes.map(({ id }) => id) });
await fleet.simulator.inject(PLAN);
await delay(TRAFFIC_MS);

const browser = await startChromium();
mkdirSync(FOLDER, { recursive: true });
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, PHONE]) {
      const height = width === PHONE ? 844 : 800;
      const context = await browser.newContext({ colorScheme, viewport: { width, height } });
      const page = await context.newPage();
      await page.goto(`${fleet.console.url}/console`);
      await page.getByLabel('Password').fill(fleet.secrets['consolePassword'] ?? '');
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.locator('.session').first().waitFor();
      await page.screenshot({ path: join(FOLDER, `console-${colorScheme}-${width}.png`) });
      if (colorScheme === 'light' && width > PHONE) await views(page);
      await context.close();
    }
  }
} finally {
  await browser.close();
}

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof startChromium>>['newPage']>>;

/** Each of the other views, as an operator meets it. */
async function views(page: Page): Promise<void> {
  const shoot = (name: string) =>
    page.screenshot({ path: join(FOLDER, `console-${name}.png`), fullPage: true });
  const go = (path: string) => page.goto(`${fleet.console.url}/console${path}`);
  const [mail] = await fleet.api<{ key: string }[]>('/messages?state=delivered&limit=1');
  await go(`/messages/${mail?.key}`);
  await page.getByRole('link', { name: 'Open in Outlook' }).waitFor();
  await shoot('message');
  await go('/mail');
  await page.locator('.rows li').nth(20).waitFor();
  await page.screenshot({ path: join(FOLDER, 'console-mail.png') });
  await go(`/mailboxes/${mailboxes[0]?.id}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByText('Microsoft 365 allows').first().waitFor();
  await shoot('mailbox');
  await go('/dead-letters');
  await page.locator('.cause').first().waitFor();
  await shoot('dead-letters');
  await go('/history');
  await page.getByRole('slider').waitFor();
  await shoot('history');
  await go('/checks');
  await until(async () => (await page.locator('main li').count()) > 3, { what: 'it has looked' });
  await shoot('checks');
}
