import { describe, expect, test } from '@jest/globals';

import { Random } from '../generator/random.ts';
import { FaultCommand, FaultTable } from './fault-table.ts';

function setup(...commands: object[]) {
  const table = new FaultTable(new Random(1));
  for (const command of commands) table.set(FaultCommand.parse(command));
  const strikes = (count: number, mailboxId?: string) =>
    Array.from({ length: count }, () => table.strike('graph-429', mailboxId)).filter(Boolean)
      .length;
  return { table, strikes };
}

describe('FaultTable', () => {
  test('strikes nothing that was not set', () => {
    expect(setup().strikes(100)).toBe(0);
  });

  test('strikes about the share that was set, the same occasions for the same seed', () => {
    const once = setup({ name: 'graph-429', share: 0.3 }).strikes(1_000);
    expect(once).toBeGreaterThan(250);
    expect(once).toBeLessThan(350);
    expect(setup({ name: 'graph-429', share: 0.3 }).strikes(1_000)).toBe(once);
  });

  test('ends by itself after so many strikes', () => {
    expect(setup({ name: 'graph-429', times: 3 }).strikes(10)).toBe(3);
  });

  test('spares other mailboxes when set for one', () => {
    const { strikes } = setup({ name: 'graph-429', mailboxId: 'a' });
    expect(strikes(5, 'b')).toBe(0);
    expect(strikes(5, 'a')).toBe(5);
  });

  test('ends with share 0', () => {
    const { table, strikes } = setup({ name: 'graph-429' });
    table.set(FaultCommand.parse({ name: 'graph-429', share: 0 }));
    expect(strikes(5)).toBe(0);
  });

  test('strikes only where there is something to bite on, and counts that alone', () => {
    const { table } = setup({ name: 'ms4-too-large', max: 10, times: 1 });
    const strike = (bytes: number) =>
      table.strike('ms4-too-large', undefined, ({ max }) => bytes > max) !== undefined;
    expect([strike(9), strike(11), strike(11)]).toEqual([false, true, false]);
    table.clear();
    expect(table.list()).toContainEqual(
      expect.objectContaining({ name: 'ms4-too-large', struck: 1, active: null }),
    );
  });

  test('refuses a fault that it does not know', () => {
    expect(FaultCommand.safeParse({ name: 'meteorite' }).success).toBe(false);
  });
});
