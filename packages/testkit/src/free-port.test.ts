import { expect, it } from '@jest/globals';

import { freePort } from './free-port.ts';

it('gives a port once, however many ask at the same moment', async () => {
  const ports = await Promise.all(Array.from({ length: 500 }, () => freePort()));

  expect(new Set(ports).size).toBe(500);
});
