/**
 * `npm run screenshots`: pictures of the page for docs/images, with a session at work, in both themes and
 * at both widths. They are drawn by the console itself over a private Redis, whose mail is made up here.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
// oxlint-disable-next-line no-restricted-imports -- no test: its pictures show three minutes of traffic
import { setTimeout as delay } from 'node:timers/promises';
import { aMailbox } from '@ms1/testkit';

import { browserBundle } from './browser-bundle.ts';
import { TENANT } from './console-bundle.ts';
import { failJob } from './fail-job.ts';

const FOLDER = join(import.meta.dirname, '../../../docs/images');
const MESSAGES = 12_480;
const DELIVERED = 7_150;
/** Messages of a batch, once a second. */
const BATCH = 14;
const keyOf = (n: number): string => `m${n}`.padStart(22, 'Rw7kQzVd3HnP5tYbX2cL9s');

await using bundle = await browserBundle();
const { ledger, store, inbound, outbound, redis, yields, directory, watched, clock } = bundle;
const LABELS = ['Invoices Berlin', 'Invoices Lyon', 'Invoices Porto', 'Scanner'];
const mailboxIds = LABELS.map((_, n) =>
  `${n + 1}`.repeat(8).concat('-1111-4111-8111-111111111111'),
);
for (const [index, mailboxId] of mailboxIds.entries()) {
  const label = LABELS[index] ?? '';
  await directory.put(aMailbox({ tenantId: TENANT, mailboxId, label }));
}
await watched.refresh();
const begun = clock.now() - 640_000;

// What happened before the first picture.
const record = async (from: number, to: number, at: number): Promise<void> => {
  const keys = Array.from({ length: to - from }, (_, n) => keyOf(from + n));
  await ledger.record(keys.map((key) => ({ key, state: 'prepared', at: at - 700, sessionId })));
  const receipt = 'b3f1c7de-52a8-4a0e-9d4f-6c1e08a97b25';
  await ledger.record(keys.map((key) => ({ key, state: 'delivered', at, receipt })));
};
const { session } = await store.create({ name: 'Month-end November', mailboxes: mailboxIds });
const sessionId = session.id;
await redis.hset(`{ms1}:session:record:${sessionId}`, 'createdAt', begun);
const all = Array.from({ length: MESSAGES }, (_, n) => keyOf(n));
await ledger.record(
  all.map((key) => ({ key, state: 'queued', at: begun, sessionId, source: 'webhook' })),
);
for (const [index, key] of all.slice(-9).entries()) {
  const reason = index < 6 ? 'rejected: attachment type is not accepted' : 'source_too_large';
  await failJob(redis, outbound, key, reason, begun + index * 31_000);
}
await ledger.record(
  all
    .slice(-9)
    .map((key) => ({ key, state: 'dead', at: begun + 2_000, sessionId, reason: 'rejected' })),
);
await record(0, DELIVERED, begun + 4_000);
for (const key of all.slice(DELIVERED + 4_000, DELIVERED + 4_310)) {
  await inbound.add('ingest-message', { v: 1 }, { jobId: `m-${key}`, timestamp: clock.now() });
}
for (const [index, mailboxId] of mailboxIds.entries()) {
  const announced = 180 + ((index * 37) % 90);
  await yields.record(
    { mailboxId, folderId: 'inbox' },
    { announced, unannounced: index % 3, lateMs: announced * (700 + index * 90) },
  );
}

let known = MESSAGES;

// Mail goes on while pictures are taken, at a pace that a chart can show.
const stop = new AbortController();
const mail = (async () => {
  for (let second = 0, next = DELIVERED; !stop.signal.aborted; second += 1) {
    const batch = Math.round(
      BATCH * (1 + 0.35 * Math.sin(second / 7) + 0.12 * Math.sin(second / 2)),
    );
    await record(next, next + batch, clock.now());
    next += batch;
    const noticed = Array.from({ length: Math.round(batch * 0.8) }, (_, n) => keyOf(known + n));
    await ledger.record(
      noticed.map((key) => ({ key, state: 'queued', at: clock.now(), sessionId, source: 'poll' })),
    );
    known += noticed.length;
    // The next one has always waited for three seconds.
    const oldest = (await redis.lindex(inbound.toKey('wait'), -1)) ?? '';
    await redis.hset(inbound.toKey(oldest), 'timestamp', clock.now() - 3_000);
    await delay(1_000, undefined, { signal: stop.signal }).catch(() => undefined);
  }
})();

mkdirSync(FOLDER, { recursive: true });
// As long as the chart is wide.
await delay(190_000);
for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 390]) {
    const height = width === 390 ? 844 : 800;
    const page = await bundle.open('', { colorScheme, viewport: { width, height } });
    await page.locator('.session').first().waitFor();
    await page.screenshot({ path: join(FOLDER, `console-${colorScheme}-${width}.png`) });
    if (colorScheme === 'light' && width === 1280) {
      await page.goto(`${bundle.origin}/console/messages/${keyOf(3)}`);
      await page.locator('.timeline').waitFor();
      await page.screenshot({
        path: join(FOLDER, 'console-message.png'),
        clip: { x: 0, y: 0, width, height: 520 },
      });
    }
    await page.context().close();
  }
}
stop.abort();
await mail;
