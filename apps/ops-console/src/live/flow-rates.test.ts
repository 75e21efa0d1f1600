import { expect, test } from '@jest/globals';

import { FlowRates } from './flow-rates.ts';

const counts = (queued: number, prepared: number, delivered: number) => ({
  queued,
  prepared,
  delivered,
  skipped: 0,
  dead: 0,
});

test('knows no rate before there are two looks', () => {
  const rates = new FlowRates();
  rates.add(0, counts(5, 0, 0));
  expect(rates.rates()).toEqual({ noticed: null, prepared: null, delivered: null });
});

test('takes rates over ten seconds, and forgets what was before', () => {
  const rates = new FlowRates();
  for (let second = 0; second <= 30; second += 1) {
    rates.add(second * 1_000, counts(0, 0, second <= 10 ? second * 100 : 1_000));
  }
  expect(rates.rates().delivered).toBe(0);
  rates.add(31_000, counts(0, 0, 1_050));
  expect(rates.rates().delivered).toBe(5);
});

test('shows no negative rate when dead letters are replayed', () => {
  const rates = new FlowRates();
  rates.add(0, counts(0, 100, 0));
  rates.add(5_000, counts(50, 50, 0));
  expect(rates.rates()).toEqual({ noticed: 0, prepared: 0, delivered: 0 });
});

test('keeps three minutes of history, however long it runs', () => {
  const rates = new FlowRates();
  for (let second = 0; second <= 600; second += 1) rates.add(second * 1_000, counts(0, 0, second));
  const history = rates.history();
  expect(history).toHaveLength(60);
  expect(history.at(-1)).toEqual([600, 1, 1]);
});
