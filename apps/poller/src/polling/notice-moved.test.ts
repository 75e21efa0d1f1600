import { describe, expect, test } from '@jest/globals';
import { messageKey } from '@ms1/contracts';
import {
  type GraphError,
  GraphForbiddenError,
  GraphItemNotFoundError,
  GraphMailboxError,
  GraphRequestError,
  GraphThrottledError,
} from '@ms1/graph-client';
import { aLedgerEntry } from '@ms1/testkit';

import { aPage } from '../../test/a-page.ts';
import { noticeMoved } from './notice-moved.ts';

const FOLDER = { tenantId: 't', mailboxId: 'm', folderId: 'inbox' };
const SINCE = '2026-06-01T00:00:00Z';
const message = (id: string, receivedDateTime = '2026-06-02T00:00:00Z') => ({
  id,
  subject: 's',
  receivedDateTime,
});

interface Scenario {
  /** what a GET by id answers; 404 for others */
  there?: Record<string, ReturnType<typeof message> | GraphError>;
  known?: string[];
  /** pages of the mailbox, newest first */
  pages?: string[][];
}

function setup({ there = {}, known = [], pages = [] }: Scenario) {
  const noticed: string[] = [];
  const asked: string[] = [];
  const knownKeys = new Set(known.map((messageId) => messageKey({ ...FOLDER, messageId })));
  const run = (ids: string[]) =>
    noticeMoved(
      {
        ledger: {
          known: async (keys) => keys.map((key) => (knownKeys.has(key) ? aLedgerEntry({}) : null)),
        },
        messages: {
          messages: async (refs) =>
            refs.map(({ messageId }) => {
              asked.push(messageId);
              const found =
                there[messageId] ?? new GraphItemNotFoundError('is not there', { status: 404 });
              return found instanceof Error
                ? { ok: false as const, error: found }
                : { ok: true as const, value: found };
            }),
        },
        folders: {
          async recentPage({ link, from }) {
            asked.push(`page ${link ?? from}`);
            const at = Number(link ?? 0);
            const messages = (pages[at] ?? []).map((id) => ({ id, message: message(id) }));
            return aPage(messages, at + 1 < pages.length ? { nextLink: String(at + 1) } : {});
          },
        },
        producer: {
          async notice(messages) {
            noticed.push(...messages.map(({ messageId }) => messageId));
            return { added: messages.length, known: 0, before: [] };
          },
        },
        sessions: { activeSessionOf: async () => null },
        clock: { now: () => 0 },
        pagesMax: 10,
      },
      FOLDER,
      { ids, since: SINCE, recentFrom: '2026-06-03T00:00:00Z' },
      new AbortController().signal,
    );
  return { run, noticed, asked };
}

describe('noticeMoved', () => {
  test('a look by immutable id decides: 200 is moved and noticed, 404 is gone, older than the bound is left alone', async () => {
    const there = { moved: message('moved'), old: message('old', '2026-05-01T00:00:00Z') };
    const { run, noticed } = setup({ there });
    expect(await run(['moved', 'deleted', 'old'])).toEqual({ moved: 1, gone: 1 });
    expect(noticed).toEqual(['moved']);
  });

  test('asks nothing of what is known already, and takes nothing back', async () => {
    const { run, noticed, asked } = setup({ known: ['a', 'b'] });
    expect(await run(['a', 'b'])).toEqual({ moved: 0, gone: 0 });
    expect([noticed, asked]).toEqual([[], []]);
  });

  test('lists the mailbox once when many left, until all are found', async () => {
    const ids = Array.from({ length: 21 }, (_, n) => `id-${n}`);
    const found = setup({ pages: [['new', ...ids.slice(0, 20)], ['id-20'], ['never read']] });
    expect(await found.run(ids)).toEqual({ moved: 21, gone: 0 });
    expect(found.asked).toEqual(['page 2026-06-03T00:00:00Z', 'page 1']);
    const archived = setup({ pages: [['id-3']] });
    expect(await archived.run(ids)).toEqual({ moved: 1, gone: 20 });
    expect(archived.noticed).toEqual(['id-3']);
  });

  test('stands still while Graph throttles, and leaves one that is broken to the processor', async () => {
    const throttled = new GraphThrottledError('throttles', { status: 429 });
    await expect(setup({ there: { a: throttled } }).run(['a'])).rejects.toBe(throttled);
    const broken = setup({ there: { a: new GraphRequestError('refuses', { status: 400 }) } });
    expect(await broken.run(['a'])).toMatchObject({ moved: 1 });
    expect(broken.noticed).toEqual(['a']);
  });

  test.each([
    ['forbids', new GraphForbiddenError('forbids the call', { status: 403 })],
    ['says it has no mailbox for', new GraphMailboxError('does not serve', { status: 404 })],
  ])(
    'leaves one that Graph %s to the processor, in a mailbox whose pages it shows',
    async (_, error) => {
      const refused = setup({ there: { a: error, b: message('b') } });
      expect(await refused.run(['a', 'b'])).toMatchObject({ moved: 2 });
      expect(refused.noticed).toEqual(['a', 'b']);
    },
  );
});
