import { describe, expect, test } from '@jest/globals';

import { faultsOf, LOOKS } from './axe.ts';
import { browserBundle } from './browser-bundle.ts';
import { MAILBOXES } from './console-bundle.ts';
import { fillHistory } from './fill-history.ts';

describe('what was', () => {
  test('axe finds nothing in the history and in sessions side by side, in any look', async () => {
    await using bundle = await browserBundle();
    await bundle.fill();
    await fillHistory(bundle.history);
    const mailboxes = MAILBOXES.slice(1);
    await bundle.store.create({ name: 'Month-end October', mailboxes, from: null, to: null });
    // axe needs what the page forbids itself: a Trusted Types policy.
    const page = await bundle.open('/history', { bypassCSP: true });
    const faults: string[] = [];
    for (const { viewport, colorScheme } of LOOKS) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const check = async (name: string): Promise<void> => {
        const found = await faultsOf(page);
        faults.push(...found.map((fault) => `${name} ${colorScheme}: ${fault}`));
      };
      await page.goto(`${bundle.origin}/console/history`);
      await page.getByText('Figures as a table').click();
      await page.getByRole('row').first().waitFor();
      await check('history');
      await page.goto(`${bundle.origin}/console/sessions`);
      for (const month of ['October', 'November']) {
        await page.getByRole('checkbox', { name: `Compare Month-end ${month}` }).check();
      }
      await page.getByRole('link', { name: 'Compare 2 sessions side by side' }).click();
      await page.getByRole('row').filter({ hasText: 'delivered' }).getByText('40').waitFor();
      await check('sessions side by side');
    }
    expect(faults).toEqual([]);
  });

  test('history is read with the keyboard, and tells a gap as one', async () => {
    await using bundle = await browserBundle();
    await fillHistory(bundle.history);
    const page = await bundle.open('/history');
    const moment = page.getByRole('slider', { name: 'Figures of the moment' });
    await moment.focus();
    await page.keyboard.press('Home');
    const told = () => moment.getAttribute('aria-valuetext');
    expect(await told()).toMatch(/: no console looked$/);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    expect(await told()).toMatch(/delivered [\d.]+\/s, .*inbound \d+, .*dead letters 6$/);
    await page.getByText('Figures as a table').click();
    const gap = page.getByRole('row').filter({ hasText: 'no console looked' });
    await gap.first().waitFor();
    await page.getByRole('radio', { name: '35 days' }).check();
    await page.getByRole('heading', { name: '35 days' }).waitFor();
    expect(await told()).toContain('dead letters 6');
  });
});
