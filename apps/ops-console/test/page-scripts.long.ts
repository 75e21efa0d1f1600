import { describe, expect, test } from '@jest/globals';
import { aMailbox, until } from '@ms1/testkit';

import { browserBundle, keyOf } from './browser-bundle.ts';
import { TENANT } from './console-bundle.ts';
import { failJob } from './fail-job.ts';
import { PAYLOADS, RUN, spy } from './script-payloads.ts';

const mailboxOf = (n: number): string =>
  `${n}`.padStart(8, '0').concat('-3333-4333-8333-333333333333');

/** Messages that carry a payload in whatever text they have, at every stage. */
async function poison(bundle: Awaited<ReturnType<typeof browserBundle>>): Promise<void> {
  const { inbound, outbound, ledger, store, redis, clock, directory, watched } = bundle;
  for (const [index, payload] of PAYLOADS.entries()) {
    const at = clock.now();
    const address = { address: payload, name: payload };
    const metadata = {
      subject: payload,
      from: address,
      sender: address,
      to: [address],
      bodyPreview: payload,
      attachments: [{ id: payload, name: payload, kind: 'file' }],
    };
    const key = keyOf(index);
    await inbound.add(
      'ingest-message',
      { v: 1, messageId: payload, metadata, mailboxId: payload },
      { jobId: `m-${key}` },
    );
    await failJob(redis, outbound, keyOf(index + 100), payload, at);
    const reason = payload.slice(0, 36);
    await ledger.record([
      { key, state: 'queued', at },
      { key: keyOf(index + 100), state: 'dead', at, reason },
      { key: keyOf(index + 200), state: 'delivered', at, receipt: reason },
    ]);
    const { session } = await store.create({ name: payload.slice(0, 100), mailboxes: [] });
    if (index > 10) await store.cancel(session.id);
    const mailbox = { mailboxId: mailboxOf(index), label: payload, folders: [payload] };
    await directory.put(aMailbox({ tenantId: TENANT, ...mailbox }));
  }
  await watched.refresh();
}

describe('text of a message', () => {
  test('never runs as script in the page, wherever it is shown', async () => {
    await using bundle = await browserBundle();
    await poison(bundle);
    const page = await bundle.open('');
    const caught = await spy(page);
    for (const view of ['', '/sessions', '/dead-letters', '/mailboxes']) {
      await page.goto(`${bundle.origin}/console${view}`);
      await page.getByText('Live', { exact: true }).waitFor();
    }
    for (const [index, payload] of PAYLOADS.entries()) {
      await page.goto(`${bundle.origin}/console/mailboxes/${mailboxOf(index)}`);
      await page.getByText(payload.trim().slice(0, 8), { exact: false }).first().waitFor();
    }
    // What others wrote is no cause. Shown as it is: the name of a session.
    await page.goto(`${bundle.origin}/console/dead-letters`);
    await page.getByText('other', { exact: true }).first().waitFor();
    await page.goto(`${bundle.origin}/console/sessions`);
    await page.getByText('<img src=x onerror=', { exact: false }).first().waitFor();
    const search = page.getByRole('searchbox');
    for (const [index, payload] of PAYLOADS.entries()) {
      for (const base of index % 10 === 0 ? [100, 200] : [100]) {
        await page.goto(`${bundle.origin}/console/messages/${keyOf(index + base)}`);
        // The ledger keeps no character beyond ASCII.
        const shown = payload.replaceAll(/[^ -~]/g, '').slice(0, 8);
        await page.getByText(shown, { exact: false }).first().waitFor();
      }
      if (index % 10 !== 0) continue;
      await search.fill(payload);
      await search.press('Enter');
      await page.getByText('Looked for', { exact: false }).waitFor();
    }
    expect(await caught()).toEqual([]);
  });

  test('never runs as script in Bull Board, for whom it hides nothing', async () => {
    await using bundle = await browserBundle({ passwordRole: 'admin', piiRole: 'admin' });
    await poison(bundle);
    const page = await bundle.open('');
    const caught = await spy(page);
    for (const path of ['inbound?jobsPerPage=30', 'outbound?status=failed&jobsPerPage=30']) {
      await page.goto(`${bundle.origin}/queues/queue/${path}`);
      await page
        .getByText(/m-K+m\d+/)
        .first()
        .waitFor();
    }
    for (const [index, payload] of PAYLOADS.entries()) {
      await page.goto(`${bundle.origin}/queues/queue/outbound/m-${keyOf(index + 100)}`);
      // The reason, in full, as the text that it is.
      await page.getByText(payload.trim().slice(0, 8)).first().waitFor();
    }
    expect(await caught()).toEqual([]);
  });

  test('would be caught if it ran, and is stopped by two walls where one is taken away: controls', async () => {
    await using bundle = await browserBundle();
    const inject = `document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=${RUN}>')`;

    // Behind both walls: the page has no way to make text a document.
    const walled = await bundle.open('');
    await expect(walled.evaluate(inject)).rejects.toThrow(/TrustedHTML/);

    // Without Trusted Types, as in Bull Board: it is made a document, and its script is refused and told.
    const board = await bundle.open('');
    const refused = await spy(board);
    await board.goto(`${bundle.origin}/queues`);
    await board.evaluate(inject);
    await until(async () => (await refused()).length > 0, { what: 'it is refused' });
    expect(await refused()).toEqual([expect.stringMatching(/^refused script-src/)]);

    // Without any wall it runs, and is caught at it.
    const open = await bundle.open('', { bypassCSP: true });
    const ran = await spy(open);
    await open.evaluate(inject);
    await open.waitForFunction('window.ran');
    expect(await ran()).toEqual(['ran']);
  });
});
