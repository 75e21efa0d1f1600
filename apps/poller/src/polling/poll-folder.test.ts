import { describe, expect, test } from '@jest/globals';
import type { IngestMessage } from '@ms1/contracts';
import {
  type FolderPage,
  GraphResetError,
  GraphTransientError,
  GraphUnavailableError,
} from '@ms1/graph-client';

import { aGraphMessage, until } from '@ms1/testkit';

import { aPage } from '../../test/a-page.ts';
import { pollFolder } from './poll-folder.ts';
import type { Position } from './walk-folder.ts';

const FOLDER = { tenantId: 't', mailboxId: 'm', folderId: 'inbox' };
const NOW = Date.parse('2026-06-01T00:00:00Z');

const message = (id: string, receivedDateTime: string | null = '2026-06-02T00:00:00Z') => ({
  id,
  message: aGraphMessage({ id, receivedDateTime }),
});

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

const page = (ids: string[], links: Partial<FolderPage>): FolderPage =>
  aPage(
    ids.map((id) => message(id)),
    links,
  );

interface Scenario {
  /** pages by the link they are asked for with; `first` for none */
  pages: Record<string, FolderPage | Error>;
  stored?: { link: string | null; since: string | null; noticedTo?: number | null };
  relookError?: Error;
  sooner?: boolean;
  since?: string;
  busy?: boolean;
  /** ms that the lease lives, and after how many renewals it is lost */
  leaseMs?: number;
  renewals?: number;
  /** what settling what left the folder waits for */
  settled?: (lease: { renewals: number }, signal: AbortSignal) => Promise<unknown>;
  takenFrom?: number;
  failNotice?: boolean;
}

/** Graph, Redis and the lease as the poll sees them, and what it did in order. */
function setup(scenario: Scenario) {
  const events: string[] = [];
  const noticed: IngestMessage[] = [];
  let position = scenario.stored ?? null;
  const lease = { renewals: 0 };
  const poll = (signal = new AbortController().signal) =>
    pollFolder(
      {
        folders: {
          async deltaPage({ link }) {
            events.push(`page ${link ?? 'first'}`);
            const answer = scenario.pages[link ?? 'first'];
            if (answer === undefined || answer instanceof Error) throw answer;
            return answer;
          },
        },
        producer: {
          async notice(messages) {
            if (scenario.failNotice) throw new Error('Redis does not take it');
            events.push(`notice ${messages.map(({ messageId }) => messageId).join()}`);
            noticed.push(...messages);
            return { added: messages.length, known: 0, before: [] };
          },
        },
        sessions: { activeSessionOf: async () => 'session' },
        clock: { now: () => NOW + 900 },
        settleRemoved: async (_folder, { ids, recentFrom }, stop) => {
          await scenario.settled?.(lease, stop);
          events.push(`removed ${ids.join()} from ${recentFrom}`);
          return { moved: ids.length, gone: 0 };
        },
        measure: (messages, _before, _receivedAt, from) => {
          events.push(`measure from ${new Date(from).toISOString()}`);
          return { announced: 0, unannounced: messages.length, lateMs: 0 };
        },
        afterWalk: async (_folder, { arrivals }) => {
          events.push(`after ${arrivals.unannounced}`);
          return scenario.sooner ?? false;
        },
        relook: async (_folder, { walkedBefore }) => {
          events.push(`relook ${new Date(walkedBefore).toISOString()}`);
          if (scenario.relookError) throw scenario.relookError;
          return { listed: 3, added: 1, missing: 0 };
        },
        pageSize: 2,
        pagesMax: 5,
        since: scenario.since,
        ...(scenario.takenFrom !== undefined && { takenFrom: () => scenario.takenFrom ?? 0 }),
        lease: async () =>
          scenario.busy
            ? null
            : {
                fence: 7,
                ttlMs: scenario.leaseMs ?? 60_000,
                renew: async () => {
                  lease.renewals += 1;
                  return lease.renewals < (scenario.renewals ?? Number.POSITIVE_INFINITY);
                },
                release: async () => void events.push('release'),
              },
        cursors: {
          read: async () => position && { ...position, updatedAt: NOW - 200_000 },
          write: async (_folder, next: Position, fence) => {
            events.push(`store ${next.link ?? 'first'} fence ${fence}`);
            position = next;
          },
        },
      },
      FOLDER,
      signal,
    );
  return { poll, events, noticed, position: () => position };
}

describe('pollFolder', () => {
  test('stores the position only after the page is in Redis, and gives the lease back', async () => {
    const { poll, events } = setup({
      stored: { link: 'a', since: '2026-01-01T00:00:00Z' },
      pages: { a: page(['1', '2'], { nextLink: 'b' }), b: page(['3'], { deltaLink: 'c' }) },
    });
    expect(await poll()).toMatchObject({
      kind: 'walked',
      report: { pages: 2, added: 3, known: 0, old: 0, complete: true },
      sooner: false,
      relook: { listed: 3, added: 1, missing: 0 },
    });
    const before = new Date(NOW - 200_000).toISOString();
    expect(events).toEqual([
      'page a',
      'notice 1,2',
      `measure from ${before}`,
      'store b fence 7',
      'page b',
      'notice 3',
      `measure from ${before}`,
      'store c fence 7',
      'after 3',
      `relook ${before}`,
      'release',
    ]);
  });

  test('looks for what left before it moves past it, from ten minutes before the walk before', async () => {
    const { poll, events } = setup({
      stored: { link: 'a', since: '2026-01-01T00:00:00Z' },
      pages: { a: page([], { removed: ['gone', 'moved'], deltaLink: 'b' }) },
      sooner: true,
    });
    expect(await poll()).toMatchObject({ report: { moved: 2 }, sooner: true });
    const from = new Date(NOW - 800_000).toISOString();
    expect(events.slice(0, 3)).toEqual([
      'page a',
      `removed gone,moved from ${from}`,
      'store b fence 7',
    ]);
  });

  test('stands still when Redis does not take the page, and when Graph does not give one', async () => {
    const stored = { link: 'a', since: '2026-01-01T00:00:00Z' };
    const unnoticed = setup({
      stored,
      failNotice: true,
      pages: { a: page(['1'], { deltaLink: 'b' }) },
    });
    await expect(unnoticed.poll()).rejects.toThrow('Redis does not take it');
    expect(unnoticed.position()).toEqual(stored);
    const moving = new GraphUnavailableError('moves', { status: 503 });
    const ungiven = setup({ stored, pages: { a: moving } });
    await expect(ungiven.poll()).rejects.toBe(moving);
    expect(ungiven.position()).toEqual(stored);
    expect(ungiven.events).toContain('release');
  });

  test('remembers when it first saw a folder before the first page, and leaves older mail alone', async () => {
    const { poll, events, noticed, position } = setup({
      pages: {
        first: {
          ...page([], { deltaLink: 'a' }),
          messages: [
            message('old', '2026-05-31T23:59:59Z'),
            message('new', '2026-06-01T00:00:00Z'),
          ],
        },
      },
    });
    expect(await poll()).toMatchObject({ report: { added: 1, old: 1 } });
    expect(events[0]).toBe('store first fence 7');
    expect(noticed.map(({ messageId }) => messageId)).toEqual(['new']);
    expect(position()).toMatchObject({ link: 'a', since: '2026-06-01T00:00:00.000Z' });
  });

  test('lets the configured bound win over the moment a folder was first seen', async () => {
    const { poll } = setup({
      since: '2026-07-01T00:00:00.000Z',
      stored: { link: 'a', since: '2026-01-01T00:00:00Z' },
      pages: { a: page(['1'], { deltaLink: 'b' }) },
    });
    expect(await poll()).toMatchObject({ report: { added: 0, old: 1 } });
  });

  test('takes a message whose time is not known, without metadata', async () => {
    const { poll, noticed } = setup({
      pages: {
        first: {
          ...page([], { deltaLink: 'a' }),
          messages: [
            message('no time', null),
            { id: 'unreadable', message: null },
            message('whole'),
          ],
        },
      },
    });
    await poll();
    expect(noticed.map(({ messageId, metadata }) => [messageId, metadata !== undefined])).toEqual([
      ['no time', false],
      ['unreadable', false],
      ['whole', true],
    ]);
    expect(noticed[0]).toMatchObject({
      tenantId: 't',
      mailboxId: 'm',
      source: 'poll',
      sessionId: 'session',
    });
  });

  test('begins anew after a reset, with the same bound, and does not believe a reset of the beginning', async () => {
    const reset = new GraphResetError('forgot', { status: 410 });
    const { poll, position } = setup({
      stored: { link: 'a', since: '2026-01-01T00:00:00Z' },
      pages: { a: reset, first: reset },
    });
    expect(await poll()).toEqual({ kind: 'reset' });
    expect(position()).toMatchObject({ link: null, since: '2026-01-01T00:00:00Z' });
    await expect(poll()).rejects.toBe(reset);
  });

  test('begins anew when the position is lost in the middle of the first walk', async () => {
    const { poll, position } = setup({
      pages: {
        first: page(['1'], { nextLink: 'b' }),
        b: new GraphResetError('forgot', { status: 410 }),
      },
    });
    expect(await poll()).toEqual({ kind: 'reset' });
    expect(position()?.link).toBeNull();
  });

  test('does nothing while another walks the folder, and stops when another took over', async () => {
    const busy = setup({ busy: true, pages: {} });
    expect(await busy.poll()).toEqual({ kind: 'busy' });
    expect(busy.events).toEqual([]);
    const lost = setup({
      leaseMs: 3,
      renewals: 1,
      // Until the loss is noticed.
      settled: (_, signal) => aborted(signal),
      pages: { first: page([], { removed: ['x'], nextLink: 'b' }), b: page(['2'], {}) },
    });
    expect(await lost.poll()).toEqual({ kind: 'lost' });
    expect(lost.events).not.toContain('page b');
    expect(lost.events).toContain('release');
  });

  test('keeps its lease while what left the folder is settled, however long that takes', async () => {
    const { poll, position } = setup({
      leaseMs: 3,
      settled: (lease) => until(() => lease.renewals >= 5, { what: 'the lease is renewed' }),
      stored: { link: 'a', since: '2026-01-01T00:00:00Z' },
      pages: { a: page([], { removed: ['gone'], deltaLink: 'b' }) },
    });
    expect(await poll()).toMatchObject({ kind: 'walked', report: { moved: 1, complete: true } });
    expect(position()?.link).toBe('b');
  });

  test('begins where the directory says, when there is no position', async () => {
    const { poll, position, noticed } = setup({
      takenFrom: Date.parse('2026-05-31T00:00:00.750Z'),
      pages: {
        first: {
          ...page([], { deltaLink: 'a' }),
          messages: [
            message('old', '2026-05-30T23:59:59Z'),
            message('new', '2026-05-31T00:00:00Z'),
          ],
        },
      },
    });
    await poll();
    expect(noticed.map(({ messageId }) => messageId)).toEqual(['new']);
    expect(position()?.since).toBe('2026-05-31T00:00:00.000Z');
  });

  test('stops between two pages when the process is to stop, and goes on from there', async () => {
    const stopping = new AbortController();
    const pages: Scenario['pages'] = { b: page(['2'], { deltaLink: 'c' }) };
    Object.defineProperty(pages, 'first', {
      get() {
        stopping.abort();
        return page(['1'], { nextLink: 'b' });
      },
    });
    const { poll, position } = setup({ pages });
    expect(await poll(stopping.signal)).toMatchObject({ report: { pages: 1, complete: false } });
    expect(position()?.link).toBe('b');
    expect(await poll()).toMatchObject({ report: { pages: 1, complete: true } });
  });

  test('goes on past empty pages, and fails loudly on links without an end', async () => {
    const empty = setup({
      pages: {
        first: page([], { nextLink: 'b' }),
        b: page([], { nextLink: 'c' }),
        c: page(['1'], { deltaLink: 'd' }),
      },
    });
    expect(await empty.poll()).toMatchObject({ report: { pages: 3, added: 1, complete: true } });
    const circle = setup({
      pages: { first: page([], { nextLink: 'b' }), b: page([], { nextLink: 'b' }) },
    });
    await expect(circle.poll()).rejects.toMatchObject({ code: 'endless_walk' });
    const long = setup({
      pages: Object.fromEntries(
        ['first', '1', '2', '3', '4', '5'].map((link, index) => [
          link,
          page([], { nextLink: String(index + 1) }),
        ]),
      ),
    });
    await expect(long.poll()).rejects.toMatchObject({ code: 'endless_walk' });
    const nowhere = setup({ pages: { first: page(['1'], {}) } });
    await expect(nowhere.poll()).rejects.toMatchObject({ code: 'endless_walk' });
  });

  describe('with a page that fails down to a page of one', () => {
    const failed = new GraphTransientError('failed', { status: 500 });
    const bound = '2026-01-01T00:00:00.000Z';

    test('lists the folder from what was noticed last, and goes on from there the next time', async () => {
      const stored = { link: 'a', since: bound, noticedTo: NOW - 500_000 };
      const { poll, events, position } = setup({ stored, pages: { a: failed } });
      expect(await poll()).toEqual({
        kind: 'around',
        error: failed,
        relook: { listed: 3, added: 1, missing: 0 },
      });
      expect(position()).toEqual({ link: 'a', since: bound, noticedTo: NOW + 900 });
      await poll();
      expect(events.filter((event) => event.startsWith('relook'))).toEqual([
        `relook ${new Date(NOW - 500_000).toISOString()}`,
        `relook ${new Date(NOW + 900).toISOString()}`,
      ]);
    });

    test('lists all of it where nothing says how far it was noticed, as in the middle of a first walk', async () => {
      const pages = { first: page(['1'], { nextLink: 'b' }), b: failed };
      const { poll, events, position } = setup({ since: bound, pages });
      expect(await poll()).toMatchObject({ kind: 'around' });
      expect(events).toContain(`relook ${bound}`);
      expect(position()).toEqual({ link: 'b', since: bound, noticedTo: NOW + 900 });
    });

    test('follows the position again once it can be read', async () => {
      const pages: Record<string, FolderPage | Error> = { a: failed };
      const { poll, noticed, position } = setup({ stored: { link: 'a', since: bound }, pages });
      await poll();
      pages['a'] = page(['poison'], { deltaLink: 'b' });
      expect(await poll()).toMatchObject({ kind: 'walked', report: { added: 1, complete: true } });
      expect(noticed.map(({ messageId }) => messageId)).toEqual(['poison']);
      expect(position()).toMatchObject({ link: 'b' });
    });

    test('stands still when the folder cannot be listed either: the control of those above', async () => {
      const stored = { link: 'a', since: bound, noticedTo: NOW - 500_000 };
      const pages = { a: failed };
      const { poll, noticed, position } = setup({ stored, pages, relookError: failed });
      for (let times = 0; times < 3; times += 1) await expect(poll()).rejects.toBe(failed);
      expect(noticed).toEqual([]);
      expect(position()).toEqual(stored);
    });
  });
});
