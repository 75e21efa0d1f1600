import { expect, test } from '@jest/globals';
import { startChromium } from '@ms1/testkit';

import { startSimulator, TOKEN } from './start-simulator.ts';

test('a visitor breaks something with each button, and mends all of it with one', async () => {
  await using running = await startSimulator();
  const faults = async (): Promise<string[]> => {
    const { body } = await running.call('/control/faults');
    const all = body.faults as { name: string; active: object | null }[];
    return all.flatMap(({ name, active }) => (active ? [name] : []));
  };
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    const broken: Error[] = [];
    page.on('pageerror', (error) => broken.push(error));

    // Who has only the address is told what is missing, and changes nothing.
    await page.goto(`${running.url}/`);
    await page.getByText('Nothing can be pressed yet: open the link').waitFor();
    await page.getByRole('button', { name: 'Break MS4' }).click();
    await page.getByText('Break MS4: open the link').waitFor();
    expect(await faults()).toEqual([]);

    const link = await browser.newPage();
    link.on('pageerror', (error) => broken.push(error));
    await link.goto(`${running.url}/#${TOKEN}`);
    await link.getByRole('button', { name: 'Begin ms4-down' }).waitFor();
    const buttons = await link.locator('ul button').allTextContents();
    for (const name of buttons.filter((one) => one !== 'Mend everything')) {
      await link.getByRole('button', { name, exact: true }).click();
      await link.getByText(`${name}: done.`).waitFor();
    }
    expect(await faults()).toEqual([
      'ms4-down',
      'ms4-commit-then-reset',
      'ms4-poison',
      'graph-429',
      'drop-notifications',
    ]);
    expect((await running.call('/control/status')).body.injected).toBeGreaterThan(0);

    await link.getByRole('button', { name: 'End ms4-down' }).click();
    await link.getByRole('button', { name: 'Begin ms4-down' }).waitFor();
    expect(await faults()).not.toContain('ms4-down');
    await link.getByRole('button', { name: 'Mend everything' }).click();
    await link.getByText('Mend everything: done.').waitFor();
    expect(await faults()).toEqual([]);
    expect(broken).toEqual([]);
  } finally {
    await browser.close();
  }
});
