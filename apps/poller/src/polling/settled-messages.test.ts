import { expect, test } from '@jest/globals';
import { aLedgerEntry } from '@ms1/testkit';

import { isSettled, SettledMessages } from './settled-messages.ts';

const INBOX = { mailboxId: 'm', folderId: 'inbox' };

test('remembers of a folder what its last look found', () => {
  const settled = new SettledMessages();
  settled.look(INBOX).keep(new Set(['a', 'b']));
  settled.look(INBOX).keep(new Set(['b']));
  const { has } = settled.look(INBOX);
  expect(['a', 'b', 'c'].map(has)).toEqual([false, true, false]);
  expect(settled.look({ ...INBOX, folderId: 'archive' }).has('b')).toBe(false);
});

test('forgets, also what a look had learnt before it was told to', () => {
  const settled = new SettledMessages();
  settled.look(INBOX).keep(new Set(['a']));
  const before = settled.look(INBOX);
  settled.forget();
  before.keep(new Set(['a']));
  expect(settled.look(INBOX).has('a')).toBe(false);
});

test('remembers a bounded number of messages, those of the latest looks', () => {
  const settled = new SettledMessages();
  const folder = (n: number) => ({ mailboxId: `m${n}`, folderId: 'inbox' });
  for (let n = 0; n < 3; n += 1) {
    settled.look(folder(n)).keep(new Set(Array.from({ length: 40_000 }, (_, i) => `${n}-${i}`)));
  }
  expect([0, 1, 2].map((n) => settled.look(folder(n)).has(`${n}-0`))).toEqual([false, true, true]);
});

test.each([
  [null, false],
  [aLedgerEntry({ state: 'queued' }), false],
  [aLedgerEntry({ state: 'prepared' }), false],
  [aLedgerEntry({ state: 'skipped', reason: 'source_deleted' }), false],
  [aLedgerEntry({ state: 'skipped', reason: 'rule_sender' }), true],
  [aLedgerEntry({ state: 'delivered' }), true],
  [aLedgerEntry({ state: 'dead' }), true],
])('what may yet be lost or come back is not settled: %j', (entry, settled) => {
  expect(isSettled(entry)).toBe(settled);
});
