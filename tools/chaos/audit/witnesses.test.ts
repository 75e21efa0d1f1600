import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { messageKey } from '@ms1/contracts';

import { messageKeyOf } from './message-key.ts';
import { Witnesses } from './witnesses.ts';

const TENANT = '22222222-2222-4222-8222-222222222222';
const MAILBOX = '11111111-1111-4111-8111-111111111111';

test('names a message as the contract does, though nobody shares the code', () => {
  const identity = { tenantId: TENANT.toUpperCase(), mailboxId: MAILBOX, messageId: 'AAMkÄ' };
  expect(messageKeyOf([TENANT, MAILBOX.toUpperCase(), 'AAMkÄ'])).toBe(messageKey(identity));
});

test('takes in what the simulator wrote, line by line as it comes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ms1-witnesses-'));
  const write = (file: string, line: object): void =>
    appendFileSync(join(folder, `${file}.jsonl`), `${JSON.stringify(line)}\n`);
  const at = '2026-11-30T08:00:00.000Z';
  try {
    const witnesses = new Witnesses(folder, TENANT);
    witnesses.refresh();
    for (const messageId of ['a', 'b']) {
      write('injected', { at, plan: 'p', mailboxId: MAILBOX, messageId, announced: true });
    }
    const key = messageKeyOf([TENANT, MAILBOX, 'a']);
    write('stored', { at, batchId: 'one', id: key, mailbox: MAILBOX, messageId: 'a' });
    write('changes', { at, mailboxId: MAILBOX, messageId: 'b', change: { kind: 'delete' } });
    write('arrivals', { at, monotonicMs: 5, key: 'one', bytes: 1 });
    witnesses.refresh();
    write('stored', { at, batchId: 'two', id: key, mailbox: MAILBOX, messageId: 'a' });
    witnesses.refresh();
    expect(witnesses.effects.map(({ key: of, batchId }) => [of, batchId])).toEqual([
      [key, 'one'],
      [key, 'two'],
    ]);
    expect(witnesses.missing().map(({ messageId }) => messageId)).toEqual(['b']);
    expect([...witnesses.deleted]).toEqual([messageKeyOf([TENANT, MAILBOX, 'b'])]);
    expect(witnesses.arrivals).toEqual([{ at: Date.parse(at), monotonicMs: 5, key: 'one' }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
