import { describe, expect, test } from '@jest/globals';
import { type GraphMessage, GraphRequestError, GraphThrottledError } from '@ms1/graph-client';

import { MailReader, type MessageRef } from './mail-reader.ts';

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

/** A whole one: no member is missing. */
const aGraphMessage = (id: string, receivedDateTime = NOTICED): GraphMessage => ({
  id,
  subject: id,
  receivedDateTime,
  internetMessageId: null,
  conversationId: null,
  from: null,
  sender: null,
  toRecipients: [],
  ccRecipients: [],
  replyTo: [],
  sentDateTime: null,
  createdDateTime: null,
  importance: null,
  bodyPreview: null,
  webLink: null,
  hasAttachments: false,
  isDraft: false,
  parentFolderId: null,
});

/** A mailbox with messages 0 to `count` - 1, one a millisecond from the notice on, `pageSize` a page. */
function setup({
  count = 1_000,
  pageSize = 500,
  pageError = null as Error | null,
  outliers = 0,
  ...options
}: {
  /** messages of the year 4501, after all others */
  outliers?: number;
  count?: number;
  pageSize?: number;
  pageError?: Error | null;
  keptMax?: number;
} = {}) {
  const clock = { at: Date.parse(NOTICED) + 1_000, now: () => clock.at };
  const seen = {
    each: [] as string[],
    pages: [] as { mailboxId: string; from: string; link: string | null }[],
  };
  const reader = new MailReader({
    ...options,
    pageSize,
    clock,
    graph: {
      messages: {
        async messages(some) {
          seen.each.push(...some.map(({ messageId }) => messageId));
          return some.map(({ messageId }) => ({ ok: true, value: aGraphMessage(messageId) }));
        },
        attachments: async () => [],
      },
      folders: {
        async recentPage({ mailboxId, from, link }) {
          seen.pages.push({ mailboxId, from: from ?? '', link });
          if (pageError) throw pageError;
          const after = Math.min(count, Math.max(0, Date.parse(from ?? '') - Date.parse(NOTICED)));
          const start = link === null ? after : Number(link);
          const end = Math.min(count + outliers, start + pageSize);
          const messages = Array.from({ length: Math.max(0, end - start) }, (_, n) => {
            const id = `${mailboxId}-${start + n}`;
            const time = new Date(Date.parse(NOTICED) + start + n).toISOString();
            const receivedAt = start + n < count ? time : '4501-01-01T00:00:00.000Z';
            return { id, message: aGraphMessage(id, receivedAt) };
          });
          const nextLink = end < count + outliers ? String(end) : null;
          return { messages, removed: [], nextLink, deltaLink: null };
        },
      },
    },
  });
  const run = async (some: MessageRef[]) => {
    const outcomes = await reader.metadata(some, new AbortController().signal);
    return outcomes.map((outcome) => (outcome.ok ? outcome.value.subject : outcome.error.code));
  };
  return { clock, seen, run };
}

const names = (some: readonly MessageRef[]) => some.map(({ messageId }) => messageId);

describe('MailReader', () => {
  test('fetches few one by one, and reads no page for them', async () => {
    const { run, seen } = setup();
    const few = [...refs(20), ...refs(20, { mailboxId: 'b' })];
    expect(await run(few)).toEqual(names(few));
    expect(seen.pages).toEqual([]);
    expect(seen.each).toHaveLength(40);
  });

  test('reads a page for more than twenty of one mailbox, and nothing else', async () => {
    const { run, seen } = setup();
    const burst = refs(250);
    expect(await run(burst)).toEqual(names(burst));
    expect(seen.pages).toHaveLength(1);
    expect(seen.each).toEqual([]);
  });

  test('begins five minutes before the notice, and goes on where the last page ended', async () => {
    const { run, seen } = setup({ count: 5_000 });
    for (let first = 0; first < 1_500; first += 250) await run(refs(250, { first }));
    expect(seen.pages.map(({ link }) => link)).toEqual([null, '500', '1000']);
    expect(seen.pages[0]?.from).toBe('2026-03-01T09:55:05.000Z');
    expect(seen.each).toEqual([]);
  });

  test('asks for what came since when it had come to the end of the mailbox', async () => {
    const { run, seen } = setup({ count: 400 });
    await run(refs(30));
    await run(refs(30, { first: 100, noticedAt: '2026-03-01T10:00:06.001Z' }));
    await run(refs(30, { first: 400, noticedAt: '2026-03-01T10:00:06.001Z' }));
    expect(seen.pages.map(({ link, from }) => [link, from])).toEqual([
      [null, '2026-03-01T09:55:05.000Z'],
      [null, '2026-03-01T10:00:05.399Z'],
    ]);
  });

  test.each([1, 900])(
    'goes on from the newest that is plausible with %i messages of the year 4501',
    async (outliers) => {
      const mailbox = { count: 400, outliers };
      const { run, seen } = setup(mailbox);
      await run(refs(30));
      // As the mailbox has it later: new mail comes before those of 4501.
      const { run: runLater, seen: seenLater } = setup({ count: 1_000, outliers });
      await runLater(refs(250, { first: 0 }));
      await runLater(refs(250, { first: 250 }));
      await runLater(refs(250, { first: 500 }));
      await runLater(refs(250, { first: 750 }));
      expect([seen.each, seenLater.each]).toEqual([[], []]);
      expect(seenLater.pages.every(({ from }) => from < '2026-03-02')).toBe(true);
    },
  );

  test('and does not read what lies between two bursts', async () => {
    const { run, seen } = setup();
    await run(refs(30));
    await run(refs(30, { first: 100, noticedAt: '2026-03-01T12:00:00.000Z' }));
    await run(refs(30, { first: 5_000, noticedAt: '2026-03-01T12:00:00.000Z' }));
    expect(seen.pages.map(({ link, from }) => [link, from]).at(-1)).toEqual([
      null,
      '2026-03-01T11:55:00.000Z',
    ]);
  });

  test('counts what comes in small batches together, and not what came long ago', async () => {
    const { clock, run, seen } = setup();
    await run(refs(15));
    clock.at += 5_001;
    await run(refs(15, { first: 15 }));
    expect(seen.pages).toEqual([]);
    await run(refs(15, { first: 30 }));
    expect(seen.pages).toHaveLength(1);
    expect(seen.each).toHaveLength(30);
  });

  test('keeps what a page told beyond what was asked, for whose turn comes next', async () => {
    const { run, seen } = setup();
    for (let first = 0; first < 500; first += 50) await run(refs(50, { first }));
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

  test('reads no page that would drive out another before its turn', async () => {
    const bundle = setup({ count: 500, keptMax: 5_000 });
    await readTurnAbout(bundle);
    expect(bundle.seen.pages).toHaveLength(20);
    expect(new Set(bundle.seen.pages.map(({ mailboxId }) => mailboxId)).size).toBe(20);
    expect(bundle.seen.each.length).toBeLessThan(5_000);
  });

  test('forgets after a minute', async () => {
    const { clock, run, seen } = setup();
    await run(refs(30));
    clock.at += 60_000;
    await run(refs(30));
    expect(seen.each).toHaveLength(30);
  });

  test('what nobody has asked for in twenty seconds makes way', async () => {
    const { clock, run, seen } = setup({ count: 5_000, keptMax: 1_000 });
    await run(refs(30));
    await run(refs(30, { mailboxId: 'b' }));
    await run(refs(30, { mailboxId: 'c' }));
    expect(seen.pages).toHaveLength(2);
    expect(seen.each).toHaveLength(30);
    clock.at += 20_000;
    await run(refs(30, { mailboxId: 'c' }));
    expect(seen.pages).toHaveLength(3);
  });

  test('keeps what was asked for, for a retry, but not at the cost of what is still to come', async () => {
    const { run, seen } = setup({ count: 500, pageSize: 100, keptMax: 100 });
    for (let first = 0; first < 500; first += 50) {
      await run(refs(50, { first }));
      await run(refs(50, { first }));
    }
    expect(seen.pages).toHaveLength(5);
    expect(seen.each).toEqual([]);
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
    await run(refs(100, { first: 50_000 }));
    expect(seen.pages).toHaveLength(4);
    expect(seen.each).toHaveLength(100);
  });

  test('batches at the same time read the pages of a mailbox once', async () => {
    const { run, seen } = setup();
    await Promise.all([0, 1, 2].map((n) => run(refs(100, { first: n * 100 }))));
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
