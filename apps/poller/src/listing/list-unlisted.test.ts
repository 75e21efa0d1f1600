import { describe, expect, test } from '@jest/globals';
import { GraphThrottledError, GraphTransientError, type ListRequest } from '@ms1/graph-client';

import { aPage } from '../../test/a-page.ts';
import type { Unlisted } from './list-unlisted.ts';
import { listWindow } from './list-window.ts';

const WINDOW = { mailboxId: 'm', folderId: 'inbox', from: '2026-01-01T00:00:00Z', to: null };
const at = (n: number) => new Date(Date.parse(WINDOW.from) + n * 1_000).toISOString();

/**
 * A folder whose messages `poison` are on no page: `all` fails whatever page they would be on, `content` those that ask for
 * more than ids.
 */
function setup({
  count = 60,
  poison = [] as number[],
  how = 'all',
  pageSize = 25,
  windowMax = 5_000,
  /** Graph tells how many there are */
  counts = false,
  /** an end that is none: no link on the first page that begins there */
  cutAt = -1,
}) {
  const unlisted: Unlisted[] = [];
  const asked: { top: number; skip: number }[] = [];
  let missing = 0;
  const list = async () => {
    const listed: string[] = [];
    const options = {
      folders: {
        async listPage(request: ListRequest) {
          const { from, link, skip = 0, pageSize: top, only, counted } = request;
          const first = Math.round((Date.parse(from ?? '') - Date.parse(WINDOW.from)) / 1_000);
          // As the client does it: a page of one before it gives up, but not where the size is in a link.
          for (const size of link === null ? [top, 1] : [Number(link.split(' ')[1])]) {
            const start = first + (link === null ? skip : Number(link.split(' ')[0]));
            const end = Math.min(start + size, count);
            asked.push({ top: size, skip });
            const hurts = how === 'all' || only === undefined;
            if (hurts && poison.some((n) => n >= start && n < end)) continue;
            const ids = Array.from({ length: Math.max(end - start, 0) }, (_, n) => start + n);
            const messages = ids.map((n) => ({
              id: `m${n}`,
              message: { id: `m${n}`, ...(only !== 'id' && { receivedDateTime: at(n) }) },
            }));
            return aPage(messages, {
              nextLink: end < count && start !== cutAt ? `${end - first} ${size}` : null,
              ...(counts && counted && { count: count - first }),
            });
          }
          throw new GraphTransientError('failed', { status: 500, requestId: 'r' });
        },
      },
      clock: { now: () => Date.parse('2026-02-01T00:00:00Z') },
      onUnlisted: (one: Unlisted) => void unlisted.push(one),
      pageSize,
      pagesMax: 500,
      windowMax,
    };
    for await (const page of listWindow(options, WINDOW, new AbortController().signal)) {
      listed.push(...page.messages.map(({ id }) => id));
      missing += page.missing;
    }
    return listed;
  };
  return { list, unlisted, asked, missing: () => missing };
}

const ids = (count: number, but: number[] = []) =>
  Array.from({ length: count }, (_, n) => n)
    .filter((n) => !but.includes(n))
    .map((n) => `m${n}`);

describe('a message that is on no page', () => {
  test.each([[[0]], [[30]], [[59]], [[24, 25, 26, 27, 28]], [[3, 50]]])(
    'is named by its id where that can be listed, and everything around it is listed: %j',
    async (poison) => {
      const { list, unlisted } = setup({ poison, how: 'content' });
      expect((await list()).toSorted()).toEqual(ids(60).toSorted());
      expect(unlisted.map(({ messageId }) => messageId)).toEqual(poison.map((n) => `m${n}`));
      expect(unlisted[0]?.error.support).toContain('request-id r');
    },
  );

  test.each([[[0]], [[30]], [[59]], [[24, 25, 26, 27, 28]], [[3, 50]]])(
    'and where not even its id can be, by the one before it: %j',
    async (poison) => {
      const { list, unlisted } = setup({ poison });
      expect(await list()).toEqual(ids(60, poison));
      expect(unlisted).toHaveLength(poison.length);
      const [first = 0] = poison;
      expect(unlisted[0]).toMatchObject({
        messageId: null,
        after: first === 0 ? WINDOW.from : at(first - 1),
      });
    },
  );

  test.each([
    ['named', 'content', true, 0],
    ['named, not counted', 'content', false, 0],
    ['not named', 'all', true, 3],
    ['not named, not counted', 'all', false, 3],
  ] as const)(
    'is told once and counted as missing only where it has no name, over ends that are none: %s',
    async (_, how, counts, expected) => {
      const poison = [5, 30, 59];
      const { list, unlisted, missing } = setup({ poison, how, counts, cutAt: 31, windowMax: 20 });
      const around = ids(60, how === 'all' ? poison : []);
      expect((await list()).toSorted()).toEqual(around.toSorted());
      expect(unlisted).toHaveLength(3);
      expect(missing()).toBe(expected);
    },
  );

  test('costs no more than going down to it, in a long listing too', async () => {
    const { list, asked } = setup({ count: 1_000, poison: [400], windowMax: 300 });
    expect(await list()).toEqual(ids(1_000, [400]));
    expect(asked.length).toBeLessThan(150);
  });

  test('is not what a listing is that fails everywhere', async () => {
    const { list, unlisted } = setup({ poison: Array.from({ length: 60 }, (_, n) => n) });
    await expect(list()).rejects.toMatchObject({ code: 'graph_transient' });
    expect(unlisted.length).toBeLessThan(20);
  });
});

test('what Graph says of the mailbox ends the listing', async () => {
  const listPage = async () => {
    throw new GraphThrottledError('throttles', { status: 429 });
  };
  const options = { folders: { listPage }, clock: { now: () => 0 }, pageSize: 2, pagesMax: 5 };
  const listing = listWindow(options, WINDOW, new AbortController().signal);
  await expect(listing.next()).rejects.toMatchObject({ code: 'graph_throttled' });
});
