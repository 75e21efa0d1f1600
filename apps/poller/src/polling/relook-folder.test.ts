import { describe, expect, test } from '@jest/globals';
import type { LedgerEntry } from '@ms1/contracts';
import type { FolderReader } from '@ms1/graph-client';
import { aLedgerEntry } from '@ms1/testkit';

import { aPage } from '../../test/a-page.ts';
import { isRelookDue, type RelookOptions, relookFolder } from './relook-folder.ts';
import { SettledMessages } from './settled-messages.ts';

const FOLDER = { tenantId: 't', mailboxId: 'm', folderId: 'inbox' };
const MINUTE = 60_000;
type ListRequest = Parameters<FolderReader['listPage']>[0];

describe('relookFolder', () => {
  const setup = (states: Record<string, LedgerEntry | null>) => {
    const looked: string[][] = [];
    const asked: ListRequest[] = [];
    const at = (id: string, receivedDateTime: string) => ({
      id,
      message: { id, receivedDateTime },
    });
    const options: RelookOptions = {
      folders: {
        async listPage(request) {
          asked.push(request);
          const recent = Object.keys(states).map((id) => at(id, '2026-06-01T00:10:00Z'));
          const messages = [at('old', '2026-01-01T00:00:00Z'), ...recent];
          return aPage(messages, { count: messages.length });
        },
      },
      producer: {
        async notice(messages) {
          const ids = messages.map(({ messageId }) => messageId);
          looked.push(ids);
          const before = ids.map((id) => states[id] ?? null);
          const known = before.filter((entry) => entry !== null).length;
          return { added: ids.length - known, known, before };
        },
      },
      sessions: { activeSessionOf: async () => null },
      clock: { now: () => 0 },
      pagesMax: 5,
      settled: new SettledMessages(),
    };
    const bounds = {
      since: '2026-06-01T00:00:00Z',
      walkedBefore: Date.parse('2026-06-01T00:20:00Z'),
    };
    const { signal } = new AbortController();
    return { looked, asked, relook: () => relookFolder(options, FOLDER, bounds, signal) };
  };

  test('finds what neither delta nor push told of, and leaves older mail alone', async () => {
    const { relook, looked, asked } = setup({ hidden: null });
    expect(await relook()).toEqual({ listed: 1, added: 1, missing: 0 });
    expect(looked).toEqual([['hidden']]);
    expect(asked[0]).toMatchObject({ from: '2026-06-01T00:05:00.000Z', only: 'received' });
  });

  test('asks the ledger again of what had not come to its end, and never again of what had', async () => {
    const { relook, looked } = setup({
      hidden: null,
      waiting: aLedgerEntry({ state: 'queued' }),
      gone: aLedgerEntry({ state: 'skipped', reason: 'source_deleted' }),
      stored: aLedgerEntry({ state: 'delivered' }),
    });
    await relook();
    expect(await relook()).toMatchObject({ listed: 4 });
    await relook();
    const open = ['hidden', 'waiting', 'gone'];
    expect(looked).toEqual([[...open, 'stored'], open, open]);
  });

  test.each([1, 20, 60, 140])(
    'walked every %i s, what is held back for up to 7 minutes is seen within 10',
    (seconds) => {
      for (let held = 0; held <= 7 * MINUTE; held += MINUTE) {
        for (let offset = 0; offset < 300_000; offset += 7_000) {
          const received = 10_000_000 + offset;
          let seenAt = Number.POSITIVE_INFINITY;
          for (let now = 9_000_000; now < received + 20 * MINUTE; now += seconds * 1_000) {
            const before = now - seconds * 1_000;
            const inWindow = received >= before - 15 * MINUTE && received + held <= now;
            if (isRelookDue(before, now) && inWindow) seenAt = Math.min(seenAt, now);
          }
          expect(seenAt - received).toBeLessThanOrEqual(10 * MINUTE);
        }
      }
    },
  );

  test('is due once in 2.5 minutes, however often a folder is walked', () => {
    let due = 0;
    for (let now = 0; now < 60 * MINUTE; now += 10_000) {
      due += isRelookDue(now - 10_000, now) ? 1 : 0;
    }
    expect(due).toBe(24);
  });
});
