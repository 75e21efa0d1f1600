import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { audit, isClean, type MessageFate } from './audit.ts';
import { WitnessLedgers } from './witness-ledgers.ts';

const SEED = 1;
const MESSAGES = 4;

/** Ledgers of a simulator that injected four messages and stored the first three. */
function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'ms1-audit-'));
  const write = (file: string, line: object): void =>
    appendFileSync(join(folder, file), `${JSON.stringify(line)}\n`);
  const inject = (index: number, seed = SEED): void =>
    write('injected.jsonl', {
      at: '2026-01-01T00:00:00.000Z',
      seed,
      index,
      mailboxId: 'box',
      messageId: `seed${seed}-${index}`,
      announced: index % 2 === 0,
    });
  const store = (index: number, id = `record-${index}`, seed = SEED): void =>
    write('stored.jsonl', { id, mailbox: 'BOX', messageId: `seed${seed}-${index}` });
  for (let index = 0; index < MESSAGES; index += 1) inject(index);
  for (let index = 0; index < MESSAGES - 1; index += 1) store(index);
  const run = (fate: MessageFate = null) =>
    audit(new WitnessLedgers(folder, { seed: SEED, messages: MESSAGES }), (messages) =>
      Promise.resolve(messages.map(() => fate)),
    );
  return {
    folder,
    inject,
    store,
    run,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

describe('the audit', () => {
  test('is clean when every message was stored once', async () => {
    using bundle = setup();
    bundle.store(3);
    const result = await bundle.run();
    expect(result).toMatchObject({ injected: 4, delivered: 4, unexplained: 0, duplicates: 0 });
    expect(isClean(result, MESSAGES)).toBe(true);
  });

  test('finds a lost message and says where to look', async () => {
    using bundle = setup();
    const result = await bundle.run();
    expect(result).toMatchObject({
      delivered: 3,
      unexplained: 1,
      witnesses: [{ messageId: 'seed1-3', state: 'not in the ledger' }],
    });
    expect(isClean(result, MESSAGES)).toBe(false);
  });

  test('does not take a message that is still on its way for one that is accounted for', async () => {
    using bundle = setup();
    const result = await bundle.run({ state: 'prepared', reason: null });
    expect(result).toMatchObject({ unexplained: 1, witnesses: [{ state: 'prepared' }] });
  });

  test.each(['skipped', 'dead'] as const)('counts one that is %s by its reason', async (state) => {
    using bundle = setup();
    const result = await bundle.run({ state, reason: 'because' });
    expect(result).toMatchObject({
      [state]: 1,
      unexplained: 0,
      reasons: { [`${state}: because`]: 1 },
    });
    expect(isClean(result, MESSAGES)).toBe(true);
  });

  test('finds a message that was stored twice, also under another id', async () => {
    using bundle = setup();
    bundle.store(3);
    bundle.store(2, 'a-new-id');
    const result = await bundle.run();
    expect(result).toMatchObject({
      delivered: 4,
      duplicates: 1,
      witnesses: [{ state: 'doubled' }],
    });
    expect(isClean(result, MESSAGES)).toBe(false);
  });

  test('finds a record of a message that was in no mailbox', async () => {
    using bundle = setup();
    bundle.store(3);
    bundle.store(99);
    const result = await bundle.run();
    expect(result.phantoms).toBe(1);
    expect(isClean(result, MESSAGES)).toBe(false);
  });

  test('is about one plan: other seeds and later messages are none of its business', async () => {
    using bundle = setup();
    bundle.store(3);
    bundle.inject(0, 2);
    bundle.inject(4);
    bundle.store(0, 'other', 2);
    const result = await bundle.run();
    expect(result).toMatchObject({ injected: 4, delivered: 4, phantoms: 0 });
  });

  test('reads a ledger that grows, and leaves a line that is not finished for later', () => {
    using bundle = setup();
    const ledgers = new WitnessLedgers(bundle.folder, { seed: SEED, messages: MESSAGES });
    ledgers.refresh();
    const line = JSON.stringify({ id: 'r', mailbox: 'box', messageId: 'seed1-3' });
    appendFileSync(join(bundle.folder, 'stored.jsonl'), line.slice(0, 20));
    ledgers.refresh();
    expect(ledgers.delivered).toBe(3);
    appendFileSync(join(bundle.folder, 'stored.jsonl'), `${line.slice(20)}\n`);
    ledgers.refresh();
    expect(ledgers.delivered).toBe(4);
  });
});
