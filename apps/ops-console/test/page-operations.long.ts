import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';

import { faultsOf, LOOKS } from './axe.ts';
import { browserBundle } from './browser-bundle.ts';
import { MAILBOXES } from './console-bundle.ts';
import { failJob } from './fail-job.ts';
import { startOperations } from './operate.ts';

const keyOf = (n: number): string =>
  createHash('sha256').update(`${n}`).digest().subarray(0, 16).toString('base64url');
const [MAILBOX = ''] = MAILBOXES;

/** Forty dead messages of two causes in the list. */
async function setup() {
  const bundle = await browserBundle();
  const { ledger, lookup, redis, outbound } = bundle;
  const at = Date.now() - 60_000;
  const keys = Array.from({ length: 40 }, (_, n) => keyOf(n));
  await lookup.add(
    keys.map((key, n) => ({
      key,
      mailboxId: MAILBOX,
      receivedAt: at - n * 1_000,
      internetMessageId: null,
      sender: null,
      subject: null,
    })),
  );
  for (const [n, key] of keys.entries()) {
    const reason = n < 30 ? 'ms4_500' : 'ms4_413';
    await failJob(redis, outbound, key, reason, at);
    await ledger.record([{ key, state: 'dead', at, reason }]);
  }
  return bundle;
}

test('all dead mail of a cause is replayed from the list: counted first, with its progress, what came of it, and a way to stop', async () => {
  await using bundle = await setup();
  const faults: string[] = [];
  for (const look of LOOKS) {
    const page = await bundle.open('/mail', { ...look, bypassCSP: true });
    await page.goto(`${bundle.origin}/console/mail`);
    await page.getByLabel('State').selectOption('dead');
    await page.getByRole('button', { name: 'Replay all of these' }).click();
    await page.getByText('40 are concerned.').waitFor();
    faults.push(...(await faultsOf(page)));
    await page.context().close();
  }
  expect(faults).toEqual([]);

  const page = await bundle.open('/mail');
  await page.goto(`${bundle.origin}/console/mail`);
  await page.getByLabel('State').selectOption('dead');
  await page.getByRole('button', { name: 'Replay all of these' }).click();
  await page.getByText('and 35 more').waitFor();
  await page.getByLabel('Which of them').selectOption('ms4_500');
  await page.getByLabel('At most so many a second').fill('10');
  await page.getByLabel('Reason').fill('MS4 is mended');
  await page.getByRole('button', { name: 'Replay', exact: true }).click();
  await page.getByText('Replaying 30 messages: 0 so far').waitFor();
  {
    await using _ = startOperations(bundle);
    await page.getByText('30 messages replayed').waitFor();
  }
  await page.getByText('Under way').waitFor({ state: 'detached' });
  expect([await bundle.outbound.getFailedCount(), await bundle.outbound.getWaitingCount()]).toEqual(
    [10, 30],
  );

  // What nobody works off stands still, and ends when somebody says so.
  const asked = { filter: { state: 'dead' }, dryRun: false, reason: 'MS4 is mended' };
  await bundle.api('POST', '/messages/discard', asked);
  await page.getByText('Discarding 10 messages: 0 so far').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Under way').waitFor({ state: 'detached' });
  expect(await bundle.outbound.getFailedCount()).toBe(10);
});
