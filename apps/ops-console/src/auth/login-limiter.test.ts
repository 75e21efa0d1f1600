import { expect, test } from '@jest/globals';

import { LoginLimiter } from './login-limiter.ts';

function setup() {
  const clock = { at: 0, now: () => clock.at };
  const limiter = new LoginLimiter(clock);
  const fail = (address: string, times: number): void => {
    for (let i = 0; i < times; i += 1) limiter.failed(address);
  };
  return { clock, limiter, fail };
}

test('the fifth failure in a minute makes one address wait for the rest of it', () => {
  const { clock, limiter, fail } = setup();
  fail('a', 4);
  expect(limiter.waitSeconds('a')).toBe(0);
  clock.at += 20_000;
  fail('a', 1);
  expect(limiter.waitSeconds('a')).toBe(40);
  expect(limiter.waitSeconds('b')).toBe(0);
  clock.at += 40_000;
  expect(limiter.waitSeconds('a')).toBe(0);
});

test('a success forgets the failures', () => {
  const { limiter, fail } = setup();
  fail('a', 5);
  limiter.succeeded('a');
  fail('a', 4);
  expect(limiter.waitSeconds('a')).toBe(0);
});

test('remembers a thousand addresses and no more', () => {
  const { limiter, fail } = setup();
  for (let i = 0; i < 1_001; i += 1) fail(`address ${i}`, 5);
  expect(limiter.waitSeconds('address 0')).toBe(0);
  expect(limiter.waitSeconds('address 1')).toBe(60);
  expect(limiter.waitSeconds('address 1000')).toBe(60);
});
