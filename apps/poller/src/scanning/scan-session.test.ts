import { describe, expect, test } from '@jest/globals';
import type { IngestMessage } from '@ms1/contracts';
import type { FolderPage, ListRequest } from '@ms1/graph-client';
import type { Session } from '@ms1/ledger';

import { aPage } from '../../test/a-page.ts';
import { scanSession } from './scan-session.ts';

const JOB = { tenantId: 't', mailboxId: 'm', folderId: 'inbox', sessionId: 's' };
const WINDOW = { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' };

const SESSION: Session = {
  id: 's',
  name: 's',
  mailboxes: ['m'],
  ...WINDOW,
  status: 'closing',
  paused: false,
  createdAt: 0,
  closedAt: 0,
  finishedAt: null,
  counts: { queued: 0, prepared: 0, delivered: 0, skipped: 0, dead: 0 },
  reasons: {},
  found: 0,
  missing: 0,
  requeued: 0,
  scans: { done: 0, total: 1 },
};

const T = '2026-01-03T00:00:00Z';

/** Graph counts what it lists, unless it is told otherwise. */
const page = (ids: string[], nextLink: string | null, count = ids.length): FolderPage =>
  aPage(
    ids.map((id) => ({ id, message: { id, subject: 's' } })),
    { nextLink, count },
  );

/** What the look after the end brings. */
const NOTHING = page([], null);

interface Given {
  status?: Session['status'] | 'unknown';
  paused?: boolean;
  pauseAfter?: number;
  begun?: { reached: string; seen: number; requeued: number } | null;
  pages?: FolderPage[];
  failNotice?: boolean;
}

function setup({
  status = 'closing',
  paused = false,
  pauseAfter = 0,
  begun = null,
  pages = [],
  failNotice = false,
}: Given = {}) {
  const notes: unknown[] = [];
  const asked: ListRequest[] = [];
  const noticed: IngestMessage[] = [];
  const events: unknown[] = [];
  const ledger = new Set(['known']);
  const scan = (signal = new AbortController().signal) =>
    scanSession(
      {
        folders: {
          async listPage(request) {
            asked.push(request);
            return pages[asked.length - 1] ?? page([], 'more');
          },
        },
        sessions: {
          get: async () => (status === 'unknown' ? null : { ...SESSION, status, paused }),
          scanProgress: async () => begun,
          recordScanProgress: async (_id, _folder, progress) => {
            notes.push(progress);
            return notes.length === pauseAfter ? 'paused' : 'goes on';
          },
          recordScan: async (...report) => Boolean(events.push(report)),
          finish: async (id) => Boolean(events.push(`finish ${id}`)),
        },
        producer: {
          async notice(messages) {
            if (failNotice) throw new Error('Redis does not take it');
            const fresh = messages.filter(({ messageId }) => !ledger.has(messageId));
            noticed.push(...fresh);
            return { added: fresh.length, known: messages.length - fresh.length, before: [] };
          },
        },
        clock: { now: () => Date.parse('2026-02-01T00:00:00Z') },
        pageSize: 2,
        pagesMax: 5,
      },
      JOB,
      signal,
    );
  return { scan, asked, noticed, events, notes };
}

describe('scanSession', () => {
  test('lists the window of the session and puts back what the ledger does not know, each once', async () => {
    const { scan, asked, noticed, events } = setup({
      pages: [page(['known', 'a'], 'next', 3), page(['a', 'b'], null), NOTHING],
    });
    expect(await scan()).toEqual({ kind: 'scanned', found: 3, requeued: 2, missing: 0 });
    expect(asked).toMatchObject([
      { ...WINDOW, mailboxId: 'm', folderId: 'inbox', link: null },
      { ...WINDOW, link: 'next' },
      { ...WINDOW, link: null },
    ]);
    expect(noticed).toMatchObject([
      { messageId: 'a', source: 'backfill', sessionId: 's' },
      { messageId: 'b', source: 'backfill', sessionId: 's' },
    ]);
    expect(events).toEqual([
      ['s', { mailboxId: 'm', folderId: 'inbox' }, { found: 3, requeued: 2 }],
      'finish s',
    ]);
  });

  test('reports what Graph counts and does not list, however often it is asked', async () => {
    const short = page(['a'], null, 4);
    const { scan, events } = setup({ pages: [short, short, short, short] });
    expect(await scan()).toMatchObject({ found: 1, missing: 3 });
    expect(events).toMatchObject([['s', {}, { found: 1, missing: 3 }], 'finish s']);
  });

  test.each(['open', 'cancelled', 'finished', 'unknown'] as const)(
    'asks Graph for nothing when the session is %s',
    async (status) => {
      const { scan, asked } = setup({ status });
      expect(await scan()).toEqual({ kind: 'needless' });
      expect(asked).toEqual([]);
    },
  );

  test('reports nothing before everything it found is in Redis', async () => {
    const { scan, events } = setup({ pages: [page(['a'], null)], failNotice: true });
    await expect(scan()).rejects.toThrow('Redis does not take it');
    expect(events).toEqual([]);
  });

  test('fails loudly on a listing without an end, and stops when it is told to', async () => {
    const endless = setup();
    await expect(endless.scan()).rejects.toMatchObject({ code: 'endless_walk' });
    const stopped = setup({ pages: [page(['a'], null)] });
    await expect(stopped.scan(AbortSignal.abort(new Error('stopping')))).rejects.toThrow(
      'stopping',
    );
    expect(stopped.asked).toEqual([]);
  });

  test('notes how far it came after each page, rests when it is paused, and goes on from there', async () => {
    const at = (id: string, receivedDateTime: string) => ({
      id,
      message: { id, subject: 's', receivedDateTime },
    });
    const first = { ...page([], 'next'), messages: [at('a', '2026-01-02T00:00:00Z'), at('b', T)] };
    const paused = setup({ pages: [first], pauseAfter: 1 });
    expect(await paused.scan()).toEqual({ kind: 'paused' });
    expect(paused.notes).toEqual([{ reached: T, seen: 1, requeued: 2 }]);
    expect(paused.events).toEqual([]);

    const rest = { ...page([], null, 2), messages: [at('b', T), at('c', '2026-01-04T00:00:00Z')] };
    const resumed = setup({ pages: [rest, NOTHING], begun: { reached: T, seen: 1, requeued: 2 } });
    expect(await resumed.scan()).toMatchObject({ kind: 'scanned', found: 3 });
    expect(resumed.asked[0]).toMatchObject({ from: T, to: WINDOW.to });
    expect((await setup({ paused: true }).scan()).kind).toBe('paused');
  });

  test('does not go on from the year 4501 because one message says so', async () => {
    const at = (id: string, receivedDateTime: string) => ({
      id,
      message: { id, subject: 's', receivedDateTime },
    });
    const odd = [at('a', T), at('odd', '4501-01-01T00:00:00Z'), at('none', '0001-01-01T00:00:00Z')];
    const paused = setup({ pages: [{ ...page([], 'next'), messages: odd }], pauseAfter: 1 });
    await paused.scan();
    expect(paused.noticed.map(({ messageId }) => messageId)).toEqual(['a', 'odd', 'none']);
    expect(paused.notes).toEqual([{ reached: T, seen: 1, requeued: 3 }]);
    const rest = {
      ...page([], null, 3),
      messages: [at('a', T), at('new', '2026-01-09T00:00:00Z'), ...odd.slice(1, 2)],
    };
    const resumed = setup({ pages: [rest, NOTHING], begun: { reached: T, seen: 1, requeued: 3 } });
    expect(await resumed.scan()).toMatchObject({ kind: 'scanned', found: 4 });
    expect(resumed.asked[0]).toMatchObject({ from: T });
  });
});
