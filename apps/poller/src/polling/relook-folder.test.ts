import { describe, expect, test } from '@jest/globals';

import { aPage } from '../../test/a-page.ts';
import { isRelookDue, relookFolder } from './relook-folder.ts';

const FOLDER = { tenantId: 't', mailboxId: 'm', folderId: 'inbox' };
const MINUTE = 60_000;

describe('relookFolder', () => {
  test('finds what neither delta nor push told of, and leaves older mail alone', async () => {
    const noticed: string[] = [];
    let from = '';
    const report = await relookFolder(
      {
        folders: {
          async listPage(request) {
            from = request.from ?? '';
            const at = (id: string, receivedDateTime: string) => ({
              id,
              message: { id, receivedDateTime },
            });
            return aPage(
              [at('old', '2026-01-01T00:00:00Z'), at('hidden', '2026-06-01T00:10:00Z')],
              { count: 2 },
            );
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
        pagesMax: 5,
      },
      FOLDER,
      { since: '2026-06-01T00:00:00Z', walkedBefore: Date.parse('2026-06-01T00:20:00Z') },
      new AbortController().signal,
    );
    expect(report).toEqual({ listed: 1, added: 1, missing: 0 });
    expect(noticed).toEqual(['hidden']);
    expect(from).toBe('2026-06-01T00:05:00.000Z');
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
