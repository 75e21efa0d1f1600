import { describe, expect, test } from '@jest/globals';
import { GraphRequestError, GraphThrottledError } from '@ms1/graph-client';

import { aMetadata } from '../test/a-message.ts';
import type { MessageRef } from './hydrate.ts';
import { createReadBursts, type RecentPage } from './read-bursts.ts';

const NOTICED = '2026-03-01T10:00:05.000Z';

const refs = (count: number, { mailboxId = 'a', first = 0, noticedAt = NOTICED } = {}) =>
  Array.from(
    { length: count },
    (_, n): MessageRef => ({
      mailboxId,
      messageId: `${mailboxId}-${first + n}`,
      noticedAt,
      priority: 'live',
    }),
  );

/** A mailbox with messages 0 to `count` - 1, the last ones first, `pageSize` a page. */
function setup({
  count = 1_000,
  pageSize = 500,
  pageError = null as Error | null,
  ...options
}: {
  count?: number;
  pageSize?: number;
  pageError?: Error | null;
  keptMax?: number;
} = {}) {
  const clock = { at: Date.parse(NOTICED) + 1_000, now: () => clock.at };
  const seen = {
    each: [] as string[],
    pages: [] as { mailboxId: string; from: unknown; to: unknown }[],
  };
  const read = createReadBursts({
    ...options,
    clock,
    async readEach(some) {
      seen.each.push(...some.map(({ messageId }) => messageId));
      return some.map(({ messageId }) => ({ ok: true, value: aMetadata({ subject: messageId }) }));
    },
    async readPage({ mailboxId, from, to, link }): Promise<RecentPage> {
      seen.pages.push({ mailboxId, from, to });
      if (pageError) throw pageError;
      const start = Number(link ?? 0);
      const ids = Array.from({ length: count }, (_, n) => `${mailboxId}-${count - 1 - n}`);
      return {
        messages: ids
          .slice(start, start + pageSize)
          .map((id) => ({ id, metadata: aMetadata({ subject: id }) })),
        nextLink: start + pageSize < count ? String(start + pageSize) : null,
      };
    },
  });
  const run = async (some: MessageRef[]) => {
    const outcomes = await read(some, new AbortController().signal);
    return outcomes.map((outcome) => (outcome.ok ? outcome.value.subject : outcome.error.code));
  };
  return { clock, seen, run };
}

const names = (some: readonly MessageRef[]) => some.map(({ messageId }) => messageId);

describe('createReadBursts', () => {
  test('fetches few one by one, and reads no page for them', async () => {
    const { run, seen } = setup();
    const few = [...refs(20), ...refs(20, { mailboxId: 'b' })];
    expect(await run(few)).toEqual(names(few));
    expect(seen.pages).toEqual([]);
    expect(seen.each).toHaveLength(40);
  });

  test('reads a page for more than twenty of one mailbox, and nothing else', async () => {
    const { run, seen } = setup();
    const burst = refs(250, { first: 700 });
    expect(await run(burst)).toEqual(names(burst));
    expect(seen.pages).toHaveLength(1);
    expect(seen.each).toEqual([]);
  });

  test('asks for what was received from half an hour before the notice, up to now or soon after it', async () => {
    const { clock, run, seen } = setup();
    await run(refs(21, { first: 900 }));
    clock.at += 3_600_000;
    await run(refs(21, { first: 800 }));
    expect(seen.pages).toEqual([
      { mailboxId: 'a', from: '2026-03-01T09:30:05.000Z', to: null },
      { mailboxId: 'a', from: '2026-03-01T09:30:05.000Z', to: '2026-03-01T10:02:05.000Z' },
    ]);
  });

  test('counts what comes in small batches together, and not what came long ago', async () => {
    const { clock, run, seen } = setup();
    await run(refs(15));
    clock.at += 5_001;
    await run(refs(15, { first: 15 }));
    expect(seen.pages).toEqual([]);
    await run(refs(15, { first: 985 }));
    expect(seen.pages).toHaveLength(1);
    expect(seen.each).toHaveLength(30);
  });

  test('keeps what a page told beyond what was asked, for whose turn comes next', async () => {
    const { run, seen } = setup();
    for (let first = 500; first < 1_000; first += 50) await run(refs(50, { first }));
    expect(seen).toMatchObject({ each: [] });
    expect(seen.pages).toHaveLength(1);
  });

  /** Each batch has 25 messages of each of 20 mailboxes, as when all are busy at once. */
  const readTurnAbout = async ({ run }: ReturnType<typeof setup>) => {
    for (let first = 0; first < 500; first += 25) {
      await Promise.all(
        Array.from({ length: 20 }, (_, n) => run(refs(25, { mailboxId: `m${n}`, first }))),
      );
    }
  };

  test('reads the page of each of twenty busy mailboxes once, whatever the order of their messages', async () => {
    const bundle = setup({ count: 500 });
    await readTurnAbout(bundle);
    expect(bundle.seen.pages).toHaveLength(20);
    expect(bundle.seen.each).toEqual([]);
  });

  test('control: with room for half of them pages are read again and again', async () => {
    const bundle = setup({ count: 500, keptMax: 5_000 });
    await readTurnAbout(bundle);
    expect(bundle.seen.pages.length).toBeGreaterThan(100);
  });

  test('forgets after a minute', async () => {
    const { clock, run, seen } = setup();
    await run(refs(30, { first: 970 }));
    clock.at += 60_000;
    await run(refs(30, { first: 970 }));
    expect(seen.pages).toHaveLength(2);
  });

  test('fetches singly what no page holds', async () => {
    const { run, seen } = setup({ count: 100 });
    const burst = [...refs(30), ...refs(4, { first: 5_000 })];
    expect(await run(burst)).toEqual(names(burst));
    expect(seen.pages).toHaveLength(1);
    expect(seen.each).toEqual(names(burst.slice(30)));
  });

  test('reads no more pages than a twenty-fifth of the messages, wherever they are', async () => {
    const { run, seen } = setup({ count: 100_000, pageSize: 500 });
    await run(refs(100));
    expect(seen.pages).toHaveLength(4);
    expect(seen.each).toHaveLength(100);
  });

  test('batches at the same time read the pages of a mailbox once', async () => {
    const { run, seen } = setup();
    await Promise.all([0, 1, 2].map((n) => run(refs(100, { first: 600 + n * 100 }))));
    expect(seen.pages).toHaveLength(1);
    expect(seen.each).toEqual([]);
  });

  test.each([
    new GraphThrottledError('', { status: 429 }),
    new GraphRequestError('', { status: 400 }),
  ])(
    'when pages cannot be read each message is asked for, and ends by its own outcome: %s',
    async (pageError) => {
      const { run, seen } = setup({ pageError });
      expect(await run(refs(25))).toHaveLength(25);
      expect(seen.each).toHaveLength(25);
    },
  );

  test('an error that is not Graph’s is nobody’s outcome', async () => {
    const { run } = setup({ pageError: new TypeError('broken') });
    await expect(run(refs(25))).rejects.toThrow('broken');
  });
});
