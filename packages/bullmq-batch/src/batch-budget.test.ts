import { describe, expect, test } from '@jest/globals';

import { BatchBudget } from './batch-budget.ts';

const taker = () => {
  const one = { woken: 0, wake: () => void (one.woken += 1) };
  return one;
};

describe('BatchBudget', () => {
  test('gives no more places than there are, the last for what goes first', () => {
    const budget = new BatchBudget(3, true);
    const one = taker();
    expect([1, 2, 3, 4].map(() => budget.take(one))).toEqual(['any', 'any', 'first', null]);
    budget.give('first');
    expect(budget.take(one)).toBe('first');
    budget.give('any');
    expect(budget.take(one)).toBe('any');
  });

  test('lets whoever waits go before whoever has just had a place', () => {
    const budget = new BatchBudget(1);
    const [busy, other] = [taker(), taker()];
    expect(budget.take(busy)).toBe('any');
    expect(budget.mayKeep(busy)).toBe(true);
    expect(budget.take(other)).toBeNull();
    expect(budget.mayKeep(busy)).toBe(false);
    budget.give('any');
    expect(other.woken).toBe(1);
    expect(budget.take(busy)).toBeNull();
    expect(budget.take(other)).toBe('any');
  });

  test('a worker alone keeps its places, also while it asks for one more', () => {
    const budget = new BatchBudget(1);
    const one = taker();
    budget.take(one);
    expect(budget.take(one)).toBeNull();
    expect(budget.mayKeep(one)).toBe(true);
  });

  test('whoever leaves holds nobody up', () => {
    const budget = new BatchBudget(1);
    const [busy, gone, next] = [taker(), taker(), taker()];
    budget.take(busy);
    budget.take(gone);
    budget.take(next);
    budget.give('any');
    budget.leave(gone);
    expect(next.woken).toBe(1);
    expect(budget.take(next)).toBe('any');
  });

  test('a job that must have the process to itself waits until all workers have none in hand', () => {
    const budget = new BatchBudget(4, true);
    const [one, other] = [taker(), taker()];
    budget.take(one);
    budget.exclude(other, true);
    expect(budget.take(other)).toBeNull();
    expect(budget.mayKeep(one)).toBe(false);
    budget.give('any');
    expect(budget.take(other)).toBe('any');
    expect(budget.isAlone).toBe(true);
    expect(budget.take(one)).toBeNull();
    budget.exclude(other, false);
    expect(budget.take(one)).toBe('any');
  });
});
