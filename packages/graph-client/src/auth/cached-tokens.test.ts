import { describe, expect, test } from '@jest/globals';

import { cacheTokens } from './cached-tokens.ts';

function setup() {
  const clock = { time: 0, now: () => clock.time };
  const state = { fetches: 0, fail: false };
  const tokens = cacheTokens({
    clock,
    earlyMs: 300_000,
    fetch: async () => {
      state.fetches += 1;
      if (state.fail) throw new Error('token endpoint is down');
      return { accessToken: `token-${state.fetches}`, expiresAt: clock.time + 3_600_000 };
    },
  });
  return { clock, state, tokens };
}

describe('cacheTokens', () => {
  test('fetches one token for a hundred calls that ask at once', async () => {
    const { state, tokens } = setup();
    const got = await Promise.all(Array.from({ length: 100 }, () => tokens.token()));
    expect(new Set(got)).toEqual(new Set(['token-1']));
    expect(state.fetches).toBe(1);
  });

  test('renews a token five minutes before it expires, not earlier', async () => {
    const { clock, tokens } = setup();
    await tokens.token();
    clock.time = 3_299_999;
    expect(await tokens.token()).toBe('token-1');
    clock.time = 3_300_000;
    expect(await tokens.token()).toBe('token-2');
  });

  test('goes on with the old token while it lives when the renewal fails, and not a moment longer', async () => {
    const { clock, state, tokens } = setup();
    await tokens.token();
    state.fail = true;
    clock.time = 3_500_000;
    expect(await tokens.token()).toBe('token-1');
    clock.time = 3_600_000;
    await expect(tokens.token()).rejects.toThrow('token endpoint is down');
  });

  test('drops the token that was refused, but not its successor', async () => {
    const { tokens } = setup();
    await tokens.token();
    tokens.drop('token-1');
    expect(await tokens.token()).toBe('token-2');
    tokens.drop('token-1');
    expect(await tokens.token()).toBe('token-2');
  });

  test('never gives a dropped token again, also when no other is to be had', async () => {
    const { state, tokens } = setup();
    await tokens.token();
    tokens.drop('token-1');
    state.fail = true;
    await expect(tokens.token()).rejects.toThrow('token endpoint is down');
  });
});
