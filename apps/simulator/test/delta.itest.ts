import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import * as fc from 'fast-check';

import type { SimulatorOptions } from '../src/simulator.ts';
import { IMMUTABLE, type StartedSimulator, startSimulator } from './start-simulator.ts';
import { withDataDir } from './with-data-dir.ts';

interface Walk {
  readonly ids: string[];
  readonly removed: string[];
  readonly pages: number;
  readonly link: string;
}

async function setup(options: Partial<SimulatorOptions> = {}) {
  const started = await startSimulator(options);
  const start = `/v1.0/users/${started.mailbox.id}/mailFolders/inbox/messages/delta`;
  const page = (link: string, prefer = `${IMMUTABLE}, odata.maxpagesize=7`) =>
    started.call(link, { headers: { prefer } });
  /** follows links until the delta link */
  const walk = async (from = `${start}?$select=subject`, prefer?: string): Promise<Walk> => {
    const ids: string[] = [];
    const removed: string[] = [];
    for (let link = from, pages = 1; ; pages += 1) {
      const { status, body } = await page(link, prefer);
      expect(status).toBe(200);
      for (const item of body.value) (item['@removed'] ? removed : ids).push(item.id);
      if (body['@odata.deltaLink']) return { ids, removed, pages, link: body['@odata.deltaLink'] };
      link = body['@odata.nextLink'];
    }
  };
  return { ...started, start, page, walk };
}

async function inject(
  { post, call }: StartedSimulator,
  messages: number,
  mailboxes = 1,
): Promise<void> {
  await post('/control/inject', { messages, mailboxes, announced: 0, perSecond: 100_000 });
  await until(async () => (await call('/control/inject')).body.done, { what: 'all injected' });
}

describe('delta', () => {
  test('reports every message once, in pages of the preferred size, then only what is new', async () => {
    await using bundle = await setup();
    await inject(bundle, 40);
    const first = await bundle.walk();
    expect([first.ids.length, new Set(first.ids).size, first.pages]).toEqual([40, 40, 6]);
    const messageId = await bundle.inject();
    const second = await bundle.walk(first.link);
    expect(second.ids).toEqual([messageId]);
    expect((await bundle.walk(second.link)).ids).toEqual([]);
  });

  test('shows a page as Graph does', async () => {
    await using bundle = await setup();
    await inject(bundle, 2);
    const { headers, body } = await bundle.page(`${bundle.start}?$select=subject,from`);
    expect(headers.get('preference-applied')).toBe('IdType="ImmutableId", odata.maxpagesize=7');
    expect(body['@odata.context']).toMatch(/\/v1\.0\/\$metadata#Collection\(message\)$/);
    expect(Object.keys(body.value[0]).toSorted()).toEqual(
      ['@odata.etag', '@odata.type', 'from', 'id', 'subject'].toSorted(),
    );
    expect(body['@odata.deltaLink']).toMatch(/^http:.*\/delta\?\$deltatoken=/);
  });

  test('gives ten a page when no size is preferred on that request', async () => {
    await using bundle = await setup();
    await inject(bundle, 25);
    expect((await bundle.walk(undefined, IMMUTABLE)).pages).toBe(3);
  });

  test('tells of deleted, moved and changed messages, and not of what was gone before the walk', async () => {
    await using bundle = await setup();
    const injected: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      injected.push(await bundle.inject());
    }
    const [gone, deleted, moved, read] = injected;
    await bundle.operate({ op: 'delete', messageId: gone });
    const first = await bundle.walk();
    expect([first.ids.length, first.removed]).toEqual([3, []]);
    await bundle.operate({ op: 'delete', messageId: deleted });
    await bundle.operate({ op: 'move', messageId: moved, folder: 'archive' });
    await bundle.operate({ op: 'update', messageId: read, isRead: true });
    const second = await bundle.walk(first.link);
    expect(second.removed).toEqual([deleted, moved]);
    expect(second.ids).toEqual([read]);
    const archive = await bundle.walk(bundle.start.replace('inbox', 'archive'));
    expect(archive.ids).toEqual([moved]);
  });

  test('has the known hole: a message that moved away and back is reported as removed only', async () => {
    await using bundle = await setup();
    const messageId = await bundle.inject();
    const first = await bundle.walk();
    await bundle.operate({ op: 'move', messageId, folder: 'archive' });
    const second = await bundle.walk(first.link);
    await bundle.operate({ op: 'move', messageId, folder: 'inbox' });
    const third = await bundle.walk(second.link);
    expect([second.removed, third.ids]).toEqual([[messageId], []]);
    // A GET by its immutable id, and a walk from the beginning, still find it.
    const get = await bundle.page(`/v1.0/users/${bundle.mailbox.id}/messages/${messageId}`);
    expect(get.status).toBe(200);
    expect((await bundle.walk()).ids).toEqual([messageId]);
  });

  test('leads any client that follows the links to what is in the folder', async () => {
    await using bundle = await setup();
    const step = fc.constantFrom('inject', 'delete', 'move', 'update', 'page', 'walk');
    let link = `${bundle.start}?$select=subject`;
    const known = new Set<string>();
    const inbox = new Set<string>();
    const follow = async (once: boolean): Promise<void> => {
      for (;;) {
        const { body } = await bundle.page(link);
        for (const item of body.value) known[item['@removed'] ? 'delete' : 'add'](item.id);
        link = body['@odata.nextLink'] ?? body['@odata.deltaLink'];
        if (once || body['@odata.deltaLink']) return;
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.nat()), { maxLength: 25 }), async (steps) => {
        for (const [kind, choice] of steps) {
          const messageId = [...inbox][choice % Math.max(inbox.size, 1)];
          if (kind === 'inject') inbox.add(await bundle.inject());
          else if (kind === 'page' || kind === 'walk') await follow(kind === 'page');
          else if (messageId !== undefined) {
            await bundle.operate({
              op: kind,
              messageId,
              ...(kind === 'move' ? { folder: 'archive' } : {}),
              ...(kind === 'update' ? { isRead: true } : {}),
            });
            if (kind !== 'update') inbox.delete(messageId);
          }
        }
        await follow(false);
        expect(known).toEqual(inbox);
      }),
      { numRuns: 30 },
    );
  });

  test('continues from a link after a restart with the same data', async () => {
    await withDataDir(async (dataDir) => {
      let link = '';
      let ids: string[] = [];
      {
        await using before = await setup({ dataDir });
        await inject(before, 30);
        ({ link, ids } = await before.walk());
        await before.operate({ op: 'delete', messageId: ids[0] });
        await before.operate({ op: 'move', messageId: ids[1], folder: 'archive' });
      }
      await using after = await setup({ dataDir });
      await inject(after, 33);
      const path = link.slice(link.indexOf('/v1.0/'));
      const walk = await after.walk(path);
      expect(walk.removed).toEqual([ids[0], ids[1]]);
      expect(walk.ids).toHaveLength(3);
      const all = await after.walk();
      expect(new Set(all.ids)).toEqual(new Set([...ids.slice(2), ...walk.ids]));
    });
  });

  test('restores changes and arrivals in the order in which they came', async () => {
    await withDataDir(async (dataDir) => {
      let between = '';
      let late = '';
      {
        await using before = await setup({ dataDir });
        await inject(before, 3);
        const [first] = (await before.walk()).ids;
        await before.operate({ op: 'delete', messageId: first });
        between = (await before.walk()).link;
        late = await before.inject();
      }
      await using after = await setup({ dataDir });
      const walk = await after.walk(between.slice(between.indexOf('/v1.0/')));
      expect([walk.ids, walk.removed]).toEqual([[late], []]);
    });
  });

  test('answers 410 SyncStateNotFound with a Location that begins anew, for a token it does not know', async () => {
    await using bundle = await setup();
    await inject(bundle, 3);
    for (const token of ['latest', 'GwcBoTmPuoGNlgXgF1nyUNMXY']) {
      const { status, headers, body } = await bundle.page(`${bundle.start}?$deltatoken=${token}`);
      expect([status, body.error.code]).toEqual([410, 'SyncStateNotFound']);
      expect((await bundle.walk(headers.get('location') ?? '')).ids).toHaveLength(3);
    }
    const other = bundle.start.replace('inbox', 'archive');
    const { link } = await bundle.walk();
    expect((await bundle.page(`${other}${link.slice(link.indexOf('?'))}`)).status).toBe(410);
  });

  test('forgets all but the newest links of a walk', async () => {
    await using bundle = await setup();
    const links = [(await bundle.walk()).link];
    for (let n = 0; n < 4; n += 1) links.push((await bundle.walk(links.at(-1))).link);
    expect((await bundle.page(links[0] ?? '')).status).toBe(410);
    expect((await bundle.page(links[3] ?? '')).status).toBe(200);
  });

  test('takes parameters once, and only those that mail knows', async () => {
    await using bundle = await setup();
    const status = async (query: string) => (await bundle.page(`${bundle.start}?${query}`)).status;
    const { link } = await bundle.walk();
    expect((await bundle.page(`${link}&$select=subject`)).status).toBe(400);
    expect((await bundle.page(`${link}&x=1`)).status).toBe(400);
    expect((await bundle.page(link.replace('token=', 'token=x'))).status).toBe(410);
    expect(await status('$filter=receivedDateTime ge 2026-01-01T00:00:00Z')).toBe(200);
    expect(await status('$filter=receivedDateTime gt 2026-01-01T00:00:00Z')).toBe(400);
    expect(await status('$filter=receivedDateTime ge 2026-01-01')).toBe(400);
    expect(await status('$filter=isRead eq false')).toBe(400);
    expect(await status('$orderby=receivedDateTime desc')).toBe(200);
    expect(await status('$orderby=subject')).toBe(400);
    expect(await status('$search="x"')).toBe(400);
    expect(await status('$select=subjct')).toBe(400);
    const whole = `/v1.0/users/${bundle.mailbox.id}/messages/delta`;
    expect((await bundle.page(whole)).status).toBe(400);
  });

  test('returns no more than the newest 5,000 messages when filtered', async () => {
    await using bundle = await setup();
    await inject(bundle, 5_200);
    const page = `${IMMUTABLE}, odata.maxpagesize=1000`;
    const since = '$filter=receivedDateTime ge 2020-01-01T00:00:00Z';
    expect((await bundle.walk(`${bundle.start}?$select=subject&${since}`, page)).ids).toHaveLength(
      5_000,
    );
    expect((await bundle.walk(undefined, page)).ids).toHaveLength(5_200);
  });

  test('misbehaves on command as the documents say it does', async () => {
    await using bundle = await setup();
    await inject(bundle, 10);
    const fault = (name: string, more: object = {}) => bundle.fault(name, { times: 1, ...more });
    const { link } = await bundle.walk();
    const messageId = await bundle.inject();
    for (const [name, more, status, code] of [
      ['delta-reset', {}, 410, 'SyncStateNotFound'],
      ['delta-reset', { status: 400, match: 'resyncRequired' }, 400, 'resyncRequired'],
      ['delta-400', {}, 400, 'ErrorInvalidRequest'],
    ] as const) {
      await fault(name, more);
      const { status: answered, body } = await bundle.page(link);
      expect([answered, body.error.code]).toEqual([status, code]);
    }
    await fault('delta-truncated');
    expect(typeof (await bundle.page(link)).body).toBe('string');
    await fault('delta-empty');
    const empty = (await bundle.page(link)).body;
    expect([empty.value, empty['@odata.nextLink'] !== undefined]).toEqual([[], true]);
    await fault('delta-doubled');
    expect((await bundle.walk(link)).ids).toEqual([messageId, messageId]);
    await fault('delta-replay', { max: 3 });
    // However small its pages are, each leads on.
    const replayed = await bundle.walk(link, `${IMMUTABLE}, odata.maxpagesize=1`);
    expect([replayed.ids.length, replayed.pages]).toEqual([4, 1]);
    await bundle.fault('delta-lag', { ms: 60_000 });
    const late = await bundle.inject();
    const held = await bundle.walk(link);
    expect(held.ids).not.toContain(late);
    await bundle.fault('delta-lag', { share: 0 });
    expect((await bundle.walk(held.link)).ids).toContain(late);
    const before = (await bundle.walk()).link;
    const hidden = await bundle.inject();
    await fault('delta-hides');
    const passed = await bundle.walk(before);
    expect([passed.ids, (await bundle.walk(passed.link)).ids]).toEqual([[], []]);
    const list = await bundle.page(bundle.start.replace('/delta', '?$top=100&$select=id'));
    expect(list.body.value.map(({ id }: { id: string }) => id)).toContain(hidden);
  });
});
