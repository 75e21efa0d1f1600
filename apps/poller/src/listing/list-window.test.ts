import { describe, expect, test } from '@jest/globals';
import { type FolderPage, GraphRequestError, type ListRequest } from '@ms1/graph-client';

import { aPage } from '../../test/a-page.ts';
import { listWindow } from './list-window.ts';
import { WindowQuery } from './window-query.ts';

const PAGE = 20;
const BEGIN = Date.UTC(2026, 5, 1);
const CLOCK = { now: () => BEGIN + 24 * 3_600_000 };

interface Folder {
  /** messages, one a second unless told otherwise */
  messages: number;
  receivedAt?: (n: number) => number;
  /** false: Graph does not tell how many there are; 'refused': nor takes the question */
  counts?: boolean | 'refused';
  /** what becomes of a page on its way */
  distort?: (page: FolderPage, request: ListRequest & { skip: number }) => FolderPage;
}

/** A folder as Graph lists it: oldest first, by skipping. */
function setup({ messages, receivedAt = (n) => n, counts = true, distort }: Folder) {
  const all = Array.from({ length: messages }, (_, n) => {
    const receivedDateTime = new Date(BEGIN + receivedAt(n) * 1_000).toISOString();
    return { id: `id-${n}`, message: { id: `id-${n}`, receivedDateTime } };
  });
  const requests: ListRequest[] = [];
  const listPage = async (request: ListRequest): Promise<FolderPage> => {
    requests.push(request);
    if (request.counted && counts === 'refused') throw new GraphRequestError('', { status: 400 });
    const { from, pageSize } = request;
    const window = all.filter(
      ({ message }) => from === null || message.receivedDateTime >= new Date(from).toISOString(),
    );
    const skip = Number(request.link ?? 0);
    const page = aPage(window.slice(skip, skip + pageSize), {
      nextLink: skip + pageSize < window.length ? String(skip + pageSize) : null,
      ...(request.counted && counts && { count: window.length }),
    });
    return distort?.(page, { ...request, skip }) ?? page;
  };
  const list = async (
    options: { windowMax?: number; pagesMax?: number; believesCount?: boolean } = {},
  ) => {
    const ids: string[] = [];
    let missing = 0;
    const window = { mailboxId: 'm', folderId: 'inbox', from: null, to: null };
    const listing = listWindow(
      { folders: { listPage }, pageSize: PAGE, pagesMax: 10_000, clock: CLOCK, ...options },
      window,
      new AbortController().signal,
    );
    for await (const page of listing) {
      ids.push(...page.messages.map(({ id }) => id));
      missing += page.missing;
    }
    return { ids, missing, requests: requests.length };
  };
  return { list, ids: all.map(({ id }) => id) };
}

/** Graph forgets the link of its third page, and half of what is on it. */
const cut: Folder['distort'] = (page, { skip }) =>
  skip === 2 * PAGE ? { ...page, messages: page.messages.slice(0, 7), nextLink: null } : page;

describe('listWindow', () => {
  test.each([
    ['a look after it brings nothing, and Graph counts as many', true, 4, 2],
    ['the same, and Graph tells no count', false, 4, 2],
    ['the same, and Graph refuses to count: one question more', 'refused', 5, 3],
  ] as const)('believes an end where %s', async (_, counts, requests, ofNothing) => {
    const { list, ids } = setup({ messages: 55, counts });
    expect(await list()).toEqual({ ids, missing: 0, requests });
    const empty = setup({ messages: 0, counts });
    expect((await empty.list()).requests).toBe(ofNothing);
  });

  test('costs no request more where the count is believed', async () => {
    const { list, ids } = setup({ messages: 55 });
    expect(await list({ believesCount: true })).toEqual({ ids, missing: 0, requests: 3 });
  });

  test.each<[string, (listed: number) => number]>([
    ['as if it were all', (listed) => listed],
    ['as nothing', () => 0],
  ])('goes on where a cut page is counted %s', async (_, countOf) => {
    const distort: Folder['distort'] = (page) => {
      const messages = page.messages.slice(0, 7);
      return { ...page, messages, nextLink: null, count: countOf(messages.length) };
    };
    const { list, ids } = setup({ messages: 60, distort });
    expect(await list()).toMatchObject({ ids, missing: 0 });
  });

  test('goes on where the first page says that there is nothing', async () => {
    let asked = 0;
    const distort: Folder['distort'] = (page) => {
      asked += 1;
      return asked === 1 ? { ...page, messages: [], nextLink: null, count: 0 } : page;
    };
    const { list, ids } = setup({ messages: 60, distort });
    expect(await list()).toMatchObject({ ids, missing: 0 });
  });

  test.each([
    ['one a second', true, (n: number) => n],
    ['one a second, not counted', false, (n: number) => n],
    ['thirty of a moment', true, (n: number) => Math.floor(n / 30)],
    ['thirty of a moment, not counted', false, (n: number) => Math.floor(n / 30)],
  ])(
    'goes on where a page has no link although there is more: %s',
    async (_, counts, receivedAt) => {
      const { list, ids } = setup({ messages: 130, counts, receivedAt, distort: cut });
      expect(await list()).toMatchObject({ ids, missing: 0 });
    },
  );

  test('counts what it cannot reach: more of one moment than Graph lists', async () => {
    const { list, ids } = setup({ messages: 130, receivedAt: () => 0, distort: cut });
    expect(await list()).toMatchObject({ ids: ids.slice(0, 47), missing: 83 });
  });

  test('goes through a folder of which no page has a link', async () => {
    const distort: Folder['distort'] = (page) => ({ ...page, nextLink: null });
    const { list, ids } = setup({ messages: 500, counts: false, distort });
    expect(await list()).toMatchObject({ ids, missing: 0 });
  });

  test('goes on behind a message that is dated ahead of now, which is listed once', async () => {
    const receivedAt = (n: number) => (n === 129 ? 80 * 365 * 86_400 : n);
    const { list, ids } = setup({ messages: 130, counts: false, receivedAt, distort: cut });
    expect(await list()).toMatchObject({ ids, missing: 0 });
  });

  test('says how many are missing where Graph never lists what it counts', async () => {
    const distort: Folder['distort'] = (page) => {
      const messages = page.messages.filter(({ id }) => Number(id.slice(3)) < 27);
      return { ...page, messages, nextLink: messages.length < PAGE ? null : page.nextLink };
    };
    const { list, ids } = setup({ messages: 60, distort });
    const listed = await list();
    expect(listed.ids).toEqual(ids.slice(0, 27));
    expect(listed.missing).toBe(33);
    expect(listed.requests).toBeLessThanOrEqual(6);
  });

  test('what moves while it is listed is no end and no lack', async () => {
    // One was deleted after it was counted: the look after the end counts again.
    let first = true;
    const distort: Folder['distort'] = (page) => {
      const count = (page.count ?? 0) + (first ? 1 : 0);
      first = false;
      return { ...page, count };
    };
    const { list, ids } = setup({ messages: 55, distort });
    expect(await list()).toEqual({ ids, missing: 0, requests: 4 });
  });

  test.each([1, 30])(
    'lists each message once over many queries, with %i of a moment',
    async (together) => {
      const receivedAt = (n: number) => Math.floor(n / together);
      const { list, ids } = setup({ messages: 3_000, receivedAt });
      expect(await list({ windowMax: 100 })).toMatchObject({ ids, missing: 0 });
    },
  );
});

describe('WindowQuery', () => {
  test('remembers of the query before what the next one may list again, and no more', () => {
    const at = (id: string, receivedDateTime: string) => ({
      id,
      message: { id, receivedDateTime },
    });
    const messages = [at('a', '2026-01-01T00:00:00Z'), at('b', '2026-01-01T00:00:01Z')];
    const page = aPage(messages);
    const query = new WindowQuery(null, CLOCK);
    query.take(page);
    // A listing of millions would keep them all.
    expect(query.after().take(page)).toEqual([messages[0]]);
    const again = query.after();
    again.take({ ...page, messages: messages.slice(1) });
    expect(again).toMatchObject({ added: 0, isEnd: true, reached: '2026-01-01T00:00:01Z' });
  });
});
