import { describe, expect, test } from '@jest/globals';
import { CursorStore } from '@ms1/mailboxes';
import { until } from '@ms1/testkit';

import { setup } from './poller-bundle.ts';

const SINCE = { INGEST_SINCE: '2000-01-01T00:00:00Z' };
const MESSAGES = 12_000;

async function inject(bundle: Awaited<ReturnType<typeof setup>>, messages: number, seed: number) {
  await bundle.control('inject', { messages, mailboxes: 1, seed, announced: 0 });
  await until(async () => (await bundle.status()).injected >= messages, {
    what: 'all are injected',
    timeoutMs: 120_000,
  });
}

describe('walks of a large folder', () => {
  test('12,000 messages are found by delta, each once, although Graph forgets the position in the middle', async () => {
    await using bundle = await setup({ mailboxes: 1 });
    const [mailboxId = ''] = bundle.mailboxes;
    await inject(bundle, MESSAGES, 21);
    const poller = await bundle.startPoller(SINCE);
    const count = () => bundle.inbound.getWaitingCount();
    await until(async () => (await count()) > 2_000, { what: 'a part is found' });
    await bundle.control('faults', { name: 'delta-reset', mailboxId, times: 1 });
    await until(async () => (await count()) >= MESSAGES, {
      what: 'all are found',
      timeoutMs: 120_000,
    });
    await until(() => poller.output().includes('"outcome":"reset"'), { what: 'it was reset' });
    const cursors = new CursorStore(bundle.redis);
    await until(
      async () => (await cursors.read({ mailboxId, folderId: 'inbox' }))?.link?.includes('delta'),
      { what: 'the walk has come to its end' },
    );
    expect(await count()).toBe(MESSAGES);
  }, 900_000);

  test('a poller that is frozen in its walk past its lease loses it to the other one, and thawed it puts nothing back', async () => {
    await using bundle = await setup({ mailboxes: 1 });
    const [mailboxId = ''] = bundle.mailboxes;
    const folder = { mailboxId, folderId: 'inbox' };
    await inject(bundle, 1_000, 22);
    await bundle.control('faults', { name: 'graph-latency', ms: 1_500 });
    const frozen = await bundle.startPoller({ ...SINCE, POLLER_PAGE_SIZE: '50' });
    const cursors = new CursorStore(bundle.redis);
    await until(async () => (await cursors.read(folder))?.link, {
      what: 'its first page is stored',
    });
    frozen.child.kill('SIGSTOP');
    await bundle.control('faults', { name: 'graph-latency', share: 0 });
    const other = await bundle.startPoller({ ...SINCE, POLLER_PAGE_SIZE: '50' });
    // As its time passes: on Redis's clock.
    const held = await bundle.redis.keys('*:lease:holder:*');
    for (const key of held) await bundle.redis.pexpire(key, 1);
    await until(async () => (await bundle.inbound.getWaitingCount()) >= 1_000, {
      what: 'the other one finds the rest',
    });
    await until(async () => (await cursors.read(folder))?.link?.includes('deltatoken'), {
      what: 'the other one comes to the end',
    });
    frozen.child.kill('SIGCONT');
    await until(() => frozen.output().includes('"outcome":"lost"'), {
      what: 'the frozen one learns that it lost',
    });
    expect((await cursors.read(folder))?.link).toContain('deltatoken');
    expect(await bundle.inbound.getWaitingCount()).toBe(1_000);
    expect(other.output()).not.toContain('"outcome":"reset"');
  }, 900_000);
});
