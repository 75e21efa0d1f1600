import { describe, expect, test } from '@jest/globals';
import { GraphRequestError, GraphThrottledError, GraphTransientError } from '@ms1/graph-client';
import { aGraphMessage, aMetadata } from '@ms1/testkit';

import type { MailRef } from './mail.ts';
import { MailReader, type MailReaderOptions } from './mail-reader.ts';

const NOTICED = '2026-03-01T10:00:05.000Z';
const START = Date.parse(NOTICED);
const iso = (ms: number) => new Date(ms).toISOString();

interface Options {
  count?: number;
  /** messages of a second */
  perSecond?: number;
  /** messages of a page at most; halved by each failure */
  pageSize?: number;
  pageError?: (top: number) => Error | null;
  /** messages of the year 4501, after all others */
  outliers?: number;
  keptBytesMax?: number;
  /** what happens between Graph's looking and its answer */
  whileAnswering?: () => void;
}

/** A mailbox with messages 0 to `count` - 1, from the notice on. */
function setup({
  count = 1_000,
  perSecond = 1,
  pageSize = 200,
  pageError = () => null,
  outliers = 0,
  whileAnswering = () => undefined,
  ...options
}: Options = {}) {
  const clock = { at: START + 1_000, now: () => clock.at };
  const folder = { count };
  const seen = {
    each: [] as string[],
    pages: [] as { from: string; to: string | null; link: string | null; top: number }[],
    idsOnly: [] as boolean[],
    headers: [] as boolean[],
  };
  let learned = pageSize;
  const timeOf = (n: number): string =>
    n < folder.count ? iso(START + Math.floor(n / perSecond) * 1_000) : '4501-01-01T00:00:00.000Z';
  const graph: MailReaderOptions['graph'] = {
    messages: {
      async read(some) {
        seen.each.push(...some.map(({ messageId }) => messageId));
        return some.map(({ messageId: id }) => {
          const message = { ...aGraphMessage({ id }), subject: id };
          return { ok: true, value: { message, attachments: [] } };
        });
      },
    },
    pages: {
      sizeOf: () => learned,
      async read({ mailboxId, from, to, link, size, idsOnly, headers }) {
        const top = Math.min(size, learned);
        seen.pages.push({ from, to, link, top });
        seen.idsOnly.push(idsOnly);
        seen.headers.push(headers);
        const error = pageError(top);
        if (error) {
          learned = Math.floor(top / 2);
          throw error;
        }
        // A link carries the window that it began with.
        const [begin = from, end = to ?? '5', start = 0] = link?.split(' ') ?? [];
        const all = Array.from({ length: folder.count + outliers }, (_, n) => n).filter(
          (n) => timeOf(n) >= begin && timeOf(n) <= end,
        );
        const next = Number(start) + top;
        const page = all.slice(Number(start), next);
        const messages = page.map((n) => {
          const id = `${mailboxId}-${n}`;
          const whole = aGraphMessage({ id, receivedDateTime: timeOf(n) });
          const { receivedDateTime, hasAttachments } = whole;
          const message = idsOnly
            ? { id, receivedDateTime, hasAttachments }
            : { ...whole, subject: id };
          return { id, message, attachments: [] };
        });
        whileAnswering();
        return {
          messages,
          nextLink: next >= all.length ? null : `${begin} ${end} ${next}`,
          bytes: messages.length * 1_000,
        };
      },
    },
  };
  const reader = new MailReader({ graph, clock, authservIds: ['none'], ...options });
  const run = async (some: MailRef[]) => {
    const outcomes = await reader.read(some, new AbortController().signal);
    return outcomes.map((outcome) =>
      outcome.ok ? outcome.value.metadata.subject : outcome.error.code,
    );
  };
  const refs = (
    number: number,
    { mailboxId = 'a', first = 0, ...more }: Partial<MailRef> & { first?: number } = {},
  ) =>
    Array.from(
      { length: number },
      (_, n): MailRef => ({
        mailboxId,
        folderId: 'inbox',
        messageId: `${mailboxId}-${first + n}`,
        noticedAt: NOTICED,
        priority: 'live',
        metadata: undefined,
        headers: false,
        ...more,
      }),
    );
  /** as delta finds them */
  const found = (number: number, more: Parameters<typeof refs>[1] = {}) =>
    refs(number, more).map((ref, n) => ({
      ...ref,
      metadata: aMetadata({
        subject: ref.messageId,
        receivedAt: timeOf((more.first ?? 0) + n),
      }),
    }));
  return { clock, folder, seen, run, refs, found };
}

const names = (some: readonly MailRef[]) => some.map(({ messageId }) => messageId);

describe('messages that were announced', () => {
  test('few of a folder are read one by one, and no page for them', async () => {
    const { run, seen, refs } = setup();
    const few = [...refs(10), ...refs(10, { mailboxId: 'b' })];
    expect(await run(few)).toEqual(names(few));
    expect(seen.pages).toEqual([]);
    expect(seen.each).toHaveLength(20);
  });

  test('of more than ten a page is read, and nothing else', async () => {
    const { run, seen, refs } = setup();
    const burst = refs(150);
    expect(await run(burst)).toEqual(names(burst));
    expect(seen.pages).toHaveLength(1);
    expect(seen.each).toEqual([]);
  });

  test('begin five minutes before the notice, and each page is read once', async () => {
    const { run, seen, refs } = setup({ count: 5_000 });
    for (let first = 0; first < 1_500; first += 250) await run(refs(250, { first }));
    expect(seen.pages[0]?.from).toBe('2026-03-01T09:55:05.000Z');
    expect(seen.pages.map(({ link }) => link?.split(' ')[2])).toEqual([
      undefined,
      '200',
      '400',
      '600',
      '800',
      '1000',
      '1200',
      '1400',
    ]);
    expect(seen.each).toEqual([]);
  });

  test('of a second that is larger than a page are read by its links', async () => {
    const { run, seen, refs } = setup({ perSecond: 500 });
    await run(refs(450));
    expect(seen.pages.map(({ link }) => link?.split(' ')[2])).toEqual([undefined, '200', '400']);
    expect(seen.each).toEqual([]);
  });

  test('are asked for from where the pages had come to the end of the folder', async () => {
    const { run, seen, refs } = setup({ count: 150 });
    await run(refs(30));
    await run(refs(30, { first: 100, noticedAt: iso(START + 1_001) }));
    await run(refs(30, { first: 400, noticedAt: iso(START + 1_001) }));
    expect(seen.pages.map(({ from }) => from)).toEqual([
      '2026-03-01T09:55:05.000Z',
      iso(START + 149_000),
    ]);
  });

  test('are read by pages where a crowded second, told before, comes before them', async () => {
    const { run, seen, folder, refs } = setup({ count: 300, perSecond: 300 });
    await run(refs(300));
    seen.pages.length = 0;
    folder.count = 600;
    for (let first = 300; first < 600; first += 20) {
      await run(refs(20, { first, noticedAt: iso(START + 1_001) }));
    }
    expect(seen.each).toEqual([]);
    expect(seen.pages).toHaveLength(3);
  });

  test('are gone on with from the newest that is plausible, whatever is dated 4501', async () => {
    const { run, seen, refs } = setup({ count: 400, outliers: 900 });
    for (const first of [0, 100, 200, 300]) await run(refs(100, { first }));
    expect(seen.each).toEqual([]);
    expect(seen.pages.every(({ from }) => from < '2026-03-02')).toBe(true);
  });

  test('of two bursts are not looked for between them', async () => {
    const { run, seen, refs } = setup();
    await run(refs(30));
    await run(refs(30, { first: 5_000, noticedAt: '2026-03-01T12:00:00.000Z' }));
    expect(seen.pages.at(-1)).toMatchObject({ link: null, from: '2026-03-01T11:55:00.000Z' });
  });

  test('are counted together when they come in small batches, and not with those of long ago', async () => {
    const { clock, run, seen, refs } = setup();
    await run(refs(7));
    clock.at += 60_001;
    await run(refs(7, { first: 7 }));
    expect(seen.pages).toEqual([]);
    await run(refs(7, { first: 14 }));
    expect(seen.pages).toHaveLength(1);
    expect(seen.each).toHaveLength(14);
  });

  test('that no page holds are read singly, after a page for every 25 of them, and one', async () => {
    const { run, seen, refs } = setup({ count: 100_000 });
    const far = refs(100, { first: 50_000 });
    expect(await run(far)).toEqual(names(far));
    expect(seen.pages).toHaveLength(5);
    expect(seen.each).toEqual(names(far));
  });

  test('of a hundred mailboxes at once have pages that there is room to keep until their turn', async () => {
    const { clock, run, seen, refs } = setup({ count: 200, keptBytesMax: 100 * 100 * 1_000 });
    const mailboxes = Array.from({ length: 100 }, (_, n) => `m${n}`);
    // So that a message is known to be of 1 KB.
    for (let n = 0; n < 10; n += 1) await run(refs(30, { mailboxId: `first-${n}` }));
    clock.at += 60_000;
    await Promise.all(mailboxes.map((mailboxId) => run(refs(10, { mailboxId, first: 9_000 }))));
    seen.pages.length = 0;
    seen.each.length = 0;
    for (let first = 0; first < 200; first += 10) {
      await Promise.all(mailboxes.map((mailboxId) => run(refs(10, { mailboxId, first }))));
    }
    expect(seen.pages.length + seen.each.length).toBeLessThan(0.05 * 100 * 200);
  });

  test('that are far ahead of the others have no more pages read between than there is room to keep', async () => {
    const { run, seen, refs } = setup({ count: 5_000, keptBytesMax: 2 * 200 * 4_096 });
    await run(refs(20));
    for (const first of [3_000, 3_008, 3_016]) await run(refs(8, { first }));
    expect(seen.pages).toHaveLength(2);
    for (let first = 20; first < 400; first += 20) await run(refs(20, { first }));
    expect(seen.pages).toHaveLength(2);
    expect(seen.each).toHaveLength(24);
  });

  test('are read by the page behind what another process has read', async () => {
    const { run, seen, refs } = setup();
    await run(refs(20));
    for (let first = 300; first < 400; first += 8) await run(refs(8, { first }));
    expect(seen.pages.length).toBeLessThanOrEqual(3);
    expect(seen.each).toEqual([]);
  });

  test.each([
    ['by the page', 20],
    ['singly', 1],
  ])('are read by the page behind what delta found, which was read %s', async (_, together) => {
    const { run, seen, refs, found } = setup({ keptBytesMax: 2 * 100 * 4_096 });
    await run(refs(20));
    for (let first = 20; first < 300; first += together) await run(found(together, { first }));
    seen.each.length = 0;
    seen.pages.length = 0;
    for (let first = 300; first < 400; first += 8) await run(refs(8, { first }));
    expect(seen.pages.length).toBeLessThanOrEqual(4);
    expect(seen.each).toEqual([]);
  });

  test('are asked for where they came while Graph answered with its last page', async () => {
    const folder = { grow: () => undefined as void };
    const { clock, run, seen, refs, ...setUp } = setup({
      count: 100,
      whileAnswering: () => folder.grow(),
    });
    folder.grow = () => {
      setUp.folder.count = 200;
      clock.at += 500;
    };
    await run(refs(30));
    folder.grow = () => undefined;
    await run(refs(30, { first: 120, noticedAt: iso(clock.at - 100) }));
    expect(seen.each).toEqual([]);
  });

  test('are found behind a gap that nobody asks for, for a few units', async () => {
    const { run, seen, refs } = setup({ count: 5_000 });
    await run(refs(20));
    for (let first = 1_000; first < 2_000; first += 10) await run(refs(10, { first }));
    expect(seen.pages.length + seen.each.length).toBeLessThan(200);
    seen.pages.length = 0;
    seen.each.length = 0;
    for (let first = 2_000; first < 3_000; first += 10) await run(refs(10, { first }));
    expect(seen.pages).toHaveLength(5);
    expect(seen.each).toEqual([]);
  });

  test('when all that is kept is still to be asked for, no page drives it out', async () => {
    const { run, seen, refs } = setup({ keptBytesMax: 200 * 4_096 });
    await run(refs(30));
    await run(refs(30, { mailboxId: 'b' }));
    await run(refs(170, { first: 30 }));
    expect(seen.each.filter((id) => id.startsWith('a'))).toEqual([]);
  });

  test('and batches at the same time read the pages of a folder once', async () => {
    const { run, seen, refs } = setup();
    await Promise.all([0, 1, 2].map((n) => run(refs(60, { first: n * 60 }))));
    expect(seen.pages).toHaveLength(1);
    expect(seen.each).toEqual([]);
  });
});

describe('messages that delta found', () => {
  test('are read by the windows that they fill, without their metadata', async () => {
    const { run, seen, found } = setup({ pageSize: 50 });
    const some = found(200, { first: 300 });
    expect(await run(some)).toEqual(names(some));
    expect(seen.pages).toHaveLength(4);
    expect(seen.pages[0]).toMatchObject({
      from: iso(START + 300_000),
      to: iso(START + 349_999),
    });
    expect(new Set(seen.idsOnly)).toEqual(new Set([true]));
    expect(seen.each).toEqual([]);
  });

  test('are read with it where there are others among them that came without', async () => {
    const { run, seen, found, refs } = setup();
    const some = [...found(50), ...refs(1, { first: 20, priority: 'backfill' })];
    expect(await run(some)).toEqual(names(some));
    expect(seen.idsOnly).toEqual([false]);
    expect(seen.each).toEqual([]);
  });

  test('one alone is no page’s worth; two are', async () => {
    const { run, seen, found } = setup();
    await run(found(1));
    expect(seen).toMatchObject({ each: ['a-0'], pages: [] });
    await run(found(2, { first: 10 }));
    expect(seen.pages).toHaveLength(1);
    expect(seen.each).toHaveLength(1);
  });

  test('of one second, in several batches at once, are each read once', async () => {
    const { run, seen, found } = setup({ perSecond: 500, pageSize: 50 });
    await Promise.all([0, 1, 2, 3].map((n) => run(found(125, { first: n * 125 }))));
    expect(seen.each).toEqual([]);
    expect(seen.pages.length).toBeLessThanOrEqual(12);
  });

  test('far from one another cost a page for every 25 of them at most', async () => {
    const { run, seen, found } = setup({ count: 100_000, pageSize: 50 });
    const some = Array.from(
      { length: 100 },
      (_, n) => found(1, { first: n * 1_000 })[0] as MailRef,
    );
    expect(await run(some)).toEqual(names(some));
    expect(seen.pages.length).toBeLessThanOrEqual(6);
  });

  test('that have left their folder are read singly', async () => {
    const { run, seen, found } = setup({ count: 90 });
    const some = [
      ...found(90),
      ...found(1, { mailboxId: 'a', first: 50 }).map((ref) => ({ ...ref, messageId: 'moved' })),
    ];
    expect(await run(some)).toHaveLength(91);
    expect(seen.each).toEqual(['moved']);
  });

  test('are read by smaller pages where Graph takes too long, and singly where that fails too', async () => {
    const slow = new GraphTransientError('', { status: 504 });
    const halved = setup({ pageSize: 50, pageError: (top) => (top > 25 ? slow : null) });
    await halved.run(halved.found(50));
    expect(halved.seen.pages.map(({ top }) => top)).toEqual([50, 25, 25]);
    expect(halved.seen.each).toEqual([]);
    const never = setup({ pageSize: 50, pageError: () => slow });
    await never.run(never.found(50));
    expect(never.seen.pages.map(({ top }) => top)).toEqual([50, 25, 12, 6, 3]);
    expect(never.seen.each).toHaveLength(50);
  });
});

describe('messages whose headers are wanted', () => {
  test('are on as many pages as without them', async () => {
    const { run, seen, refs, found } = setup({ pageSize: 50 });
    await run(found(100, { headers: true }));
    expect(seen.pages).toHaveLength(2);
    await run(refs(150, { mailboxId: 'b', headers: true }));
    expect(seen.pages).toHaveLength(5);
    expect(new Set(seen.headers)).toEqual(new Set([true]));
    expect(seen.each).toEqual([]);
  });

  test('are asked for again where a page told them without, as after a change of rules', async () => {
    const { run, seen, found } = setup();
    await run(found(50));
    await run(found(50, { headers: true }));
    expect(seen.headers).toEqual([false, true]);
    await run(found(50));
    expect(seen.pages).toHaveLength(2);
    expect(seen.each).toEqual([]);
  });
});

test('forgets what pages told after a minute', async () => {
  const { clock, run, seen, refs } = setup();
  await run(refs(30));
  clock.at += 60_000;
  await run(refs(30));
  expect(seen.each).toHaveLength(30);
});

test.each([
  new GraphThrottledError('', { status: 429 }),
  new GraphRequestError('', { status: 400 }),
])(
  'when pages cannot be read each message is asked for, and ends by its own outcome: %s',
  async (error) => {
    const { run, seen, refs, found } = setup({ pageError: () => error });
    expect(await run([...refs(25), ...found(25, { first: 25 })])).toHaveLength(50);
    expect(seen.each).toHaveLength(50);
  },
);

test('an error that is not Graph’s is nobody’s outcome', async () => {
  const { run, refs } = setup({ pageError: () => new TypeError('broken') });
  await expect(run(refs(25))).rejects.toThrow('broken');
});
