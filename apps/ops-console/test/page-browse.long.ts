import { expect, test } from '@jest/globals';
import { aMailbox } from '@ms1/testkit';

import { faultsOf, LOOKS } from './axe.ts';
import { browserBundle } from './browser-bundle.ts';
import { TENANT } from './console-bundle.ts';
import { failJob } from './fail-job.ts';

const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const keyOf = (n: number): string => `b${n}`.padEnd(21, 'x').concat('A');

test('one of 120 mailboxes is found by a part of its label, and what is not in the list is said', async () => {
  await using bundle = await browserBundle();
  const { directory, watched, lookup, ledger, inbound, redis } = bundle;
  const branches = Array.from({ length: 120 }, (_, n) => ({
    mailboxId: idOf(n),
    label: `Branch ${n}`,
  }));
  await directory.seed(branches.map((one) => aMailbox({ ...one, tenantId: TENANT })));
  await watched.refresh();
  const at = Date.now() - 60_000;
  for (const n of [1, 117]) {
    const mail = { key: keyOf(n), mailboxId: idOf(n), receivedAt: at, internetMessageId: null };
    await lookup.add([{ ...mail, sender: null, subject: null }]);
    await ledger.record([{ key: keyOf(n), state: 'delivered', at }]);
  }
  await inbound.add('ingest-message', { v: 1 }, { jobId: `m-${keyOf(2)}` });
  await failJob(redis, inbound, keyOf(3), 'payload_invalid', at);

  const faults: string[] = [];
  for (const look of LOOKS) {
    const page = await bundle.open('/mail', { ...look, bypassCSP: true });
    await page.goto(`${bundle.origin}/console/mail`);
    await page.getByText('1 message on inbound is not listed before it is read').waitFor();
    await page.getByText('Of 1 letter that died on inbound').waitFor();
    faults.push(...(await faultsOf(page)));
    await page.context().close();
  }
  expect(faults).toEqual([]);

  const page = await bundle.open('/mail');
  await page.goto(`${bundle.origin}/console/mail`);
  const rows = page.locator('.rows li');
  await rows.nth(1).waitFor();
  const mailbox = page.getByLabel('Mailbox');
  await mailbox.fill('117');
  await mailbox.press('Enter');
  await rows.nth(1).waitFor({ state: 'detached' });
  expect(await rows.allTextContents()).toEqual([expect.stringContaining('Branch 117')]);
  expect(await mailbox.inputValue()).toBe('Branch 117');
  await mailbox.fill('');
  await rows.nth(1).waitFor();
});
