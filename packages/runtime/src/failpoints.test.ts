import { afterEach, describe, expect, test } from '@jest/globals';

import { armFailpoint, FAILPOINTS, failpoint } from './failpoints.ts';

const name = 'notice:after-add';
const arm = (wanted: string, more: object = { NODE_ENV: 'test' }) =>
  armFailpoint({ FAILPOINT: wanted, ...more });

afterEach(() => {
  armFailpoint({});
});

describe('a failpoint', () => {
  test('does nothing, and waits for nothing, unless it is asked for', () => {
    for (const one of FAILPOINTS) expect(failpoint(one)).toBeUndefined();
  });

  test('acts on the pass it was asked for, once', async () => {
    expect(arm(`${name}:2:throw`)).toBeUndefined();
    expect(failpoint(name)).toBeUndefined();
    expect(failpoint('poller:after-page')).toBeUndefined();
    await expect(failpoint(name)).rejects.toThrow('failpoint notice:after-add');
    expect(failpoint(name)).toBeUndefined();
  });

  test('keeps the event loop for as long as it says', () => {
    arm(`${name}:1:block=50`);
    const began = performance.now();
    expect(failpoint(name)).toBeUndefined();
    expect(performance.now() - began).toBeGreaterThanOrEqual(50);
  });

  test.each([{}, { NODE_ENV: 'production' }])('is refused outside of tests: %j', (env) => {
    expect(arm(`${name}:1:throw`, env)).toMatch(/^FAILPOINT is for tests alone/);
    expect(failpoint(name)).toBeUndefined();
  });

  test.each([
    ['notice:after-nothing:1:kill', /no failpoint "notice:after-nothing"/],
    ['notice:after-add:0:kill', /NAME:NTH:ACTION/],
    ['notice:after-add:kill', /NAME:NTH:ACTION/],
    ['notice:after-add:1:explode', /one of kill, throw, unhandled, block, hang/],
    ['notice:after-add:1:toString', /NAME:NTH:ACTION/],
  ])('%s is refused', (wanted, reason) => {
    expect(arm(wanted)).toMatch(reason);
    expect(failpoint(name)).toBeUndefined();
  });
});
