import { startChromium } from '@ms1/testkit';
import type { BrowserContextOptions, Page } from 'playwright-core';

import { type ConsoleBundleOptions, consoleBundle, MAILBOXES, PASSWORD } from './console-bundle.ts';
import { failJob } from './fail-job.ts';

export const keyOf = (n: number): string => `m${n}`.padStart(22, 'K');

/** The console over a Redis in which mail is on its way, and a Chromium that is logged in to it. */
export async function browserBundle(
  options: Pick<ConsoleBundleOptions, 'passwordRole' | 'piiRole' | 'graph'> = {},
) {
  const bundle = await consoleBundle({
    ...options,
    feed: { intervalMs: 200, idleIntervalMs: 200 },
  });
  bundle.clock.now = Date.now;
  const browser = await startChromium();
  return {
    ...bundle,
    /** 60 messages of a session: 40 delivered, some waiting, six dead for two causes */
    async fill(): Promise<void> {
      const { ledger, store, inbound, redis, outbound } = bundle;
      const at = bundle.clock.now();
      const mailboxes = MAILBOXES.slice(0, 1);
      const { session } = await store.create({ name: 'Month-end November', mailboxes });
      const sessionId = session.id;
      const keys = Array.from({ length: 60 }, (_, n) => keyOf(n));
      await ledger.record(
        keys.map((key) => ({ key, state: 'queued', at, sessionId, source: 'webhook' })),
      );
      const receipt = '0f8fad5b-d9cb-469f-a165-70867728950e';
      await ledger.record(
        keys.slice(0, 40).map((key) => ({ key, state: 'delivered', at: at + 900, receipt })),
      );
      for (const key of keys.slice(40, 54)) {
        await inbound.add('ingest-message', { v: 1 }, { jobId: `m-${key}` });
      }
      for (const [index, key] of keys.slice(54).entries()) {
        const reason = index % 2 === 0 ? 'rejected: unknown sender' : 'payload_too_large';
        await failJob(redis, outbound, key, reason, at - index * 1_000);
      }
      await ledger.record(
        keys.slice(54).map((key) => ({ key, state: 'dead', at, reason: 'rejected' })),
      );
    },
    /** A page that is logged in and shows this view. */
    async open(view: string, inContext: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext(inContext);
      const page = await context.newPage();
      await page.goto(`${bundle.origin}/console${view}`);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByText('Live', { exact: true }).waitFor();
      return page;
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await bundle[Symbol.asyncDispose]();
    },
  };
}
