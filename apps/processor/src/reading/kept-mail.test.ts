import { expect, test } from '@jest/globals';
import { aMetadata } from '@ms1/testkit';

import { KeptMail } from './kept-mail.ts';
import type { MailRef } from './mail.ts';

function setup(bytesMax = 1_000) {
  const clock = { at: 0, now: () => clock.at };
  const kept = new KeptMail(clock, bytesMax);
  const ref = (messageId: string, metadata?: MailRef['metadata']): MailRef => ({
    mailboxId: 'm',
    folderId: 'inbox',
    messageId,
    noticedAt: '2026-03-01T10:00:05.000Z',
    priority: 'live',
    metadata,
    headers: false,
  });
  const walk = kept.begin();
  const keep = (subject: string | null, ...ids: string[]) =>
    kept.keep(
      ids.map((id) => ({
        id,
        mail: {
          metadata: subject === null ? null : aMetadata({ subject }),
          facts: null,
          attachments: [],
        },
      })),
      100,
      walk,
    );
  return { clock, kept, keep, ref };
}

test('what was taken and has expired is kept again when a page tells it again', () => {
  const { clock, kept, keep, ref } = setup();
  keep('first', 'a');
  expect(kept.take(ref('a'))?.metadata?.subject).toBe('first');
  clock.at += 60_000;
  expect(kept.take(ref('a'))).toBeUndefined();
  keep('again', 'a');
  expect(kept.take(ref('a'))?.metadata?.subject).toBe('again');
});

test('what had its turn takes no room when a page tells it, until it is wanted once more', () => {
  const { kept, keep, ref } = setup();
  kept.had(ref('a'));
  keep('told', 'a', 'b');
  expect(kept.roomFor(1_000)).toBe(900);
  expect([kept.reserve(ref('a')), kept.reserve(ref('b'))]).toEqual([false, true]);
  keep('again', 'a');
  expect(kept.take(ref('a'))?.metadata?.subject).toBe('again');
});

test('files without metadata are all of a message whose job carried it, and of no other', () => {
  const { kept, keep, ref } = setup();
  keep(null, 'a');
  expect(kept.reserve(ref('a'))).toBe(false);
  expect(kept.reserve(ref('a', aMetadata()))).toBe(true);
  keep('told', 'a');
  keep(null, 'a');
  expect(kept.take(ref('a'))?.metadata?.subject).toBe('told');
});

test('is bounded in bytes: the oldest makes way, and what was taken has its own, smaller bound', () => {
  const { kept, keep, ref } = setup();
  const ids = Array.from({ length: 12 }, (_, n) => `m${n}`);
  keep('x', ...ids);
  expect(ids.filter((id) => kept.reserve(ref(id)))).toEqual(ids.slice(2));
  for (const id of ids) kept.take(ref(id));
  keep('x', 'behind them');
  expect(ids.filter((id) => kept.reserve(ref(id)))).toEqual(ids.slice(-2));
});

test('has no room for what would drive out the unasked, until they have waited long', () => {
  const { clock, kept, keep } = setup();
  keep('x', 'a', 'b', 'c', 'd', 'e', 'f');
  expect([kept.roomFor(300), kept.roomFor(500)]).toEqual([300, 400]);
  clock.at += 20_000;
  expect(kept.roomFor(500)).toBe(500);
});

test('makes room of what was passed over, however little time went by, and keeps the rest however much', () => {
  const { clock, kept, keep, ref } = setup(9_000);
  const ids = Array.from({ length: 90 }, (_, n) => `m${n}`);
  keep('x', ...ids);
  kept.take(ref('m79'));
  expect(kept.roomFor(500)).toBe(500);
  expect(ids.filter((id) => !kept.reserve(ref(id)))).toEqual(['m0', 'm1', 'm2', 'm3']);
  for (let minutes = 0; minutes < 5; minutes += 1) {
    clock.at += 19_999;
    kept.take(ref(`m${80 + minutes}`));
  }
  expect(kept.reserve(ref('m89'))).toBe(true);
  clock.at += 60_000;
  expect(kept.reserve(ref('m89'))).toBe(false);
});
