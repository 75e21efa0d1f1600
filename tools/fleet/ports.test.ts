import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

import { Ports } from './ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'ms1-ports-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Holds a port as another program would. */
async function occupy(port: number): Promise<AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port }, resolve));
  return {
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe('Ports', () => {
  test('are the same at the next start, and differ from one another', async () => {
    const file = join(folder, 'same.json');
    const first = new Ports(file);
    const taken = [
      await first.take('redis'),
      await first.take('api'),
      await first.take('simulator'),
    ];
    const second = new Ports(file);
    expect([await second.take('redis'), await second.take('api')]).toEqual(taken.slice(0, 2));
    expect(await second.takeAgain('simulator')).toBe(taken[2]);
    expect(new Set(taken).size).toBe(3);
  });

  test('are others where somebody else has them now, but for the one that is written down elsewhere', async () => {
    const file = join(folder, 'busy.json');
    const port = await new Ports(file).take('simulator');
    await using _other = await occupy(port);
    await expect(new Ports(file).takeAgain('simulator')).rejects.toThrow(
      new RegExp(`^port ${port}, .* --fresh$`),
    );
    expect(await new Ports(file).take('simulator')).not.toBe(port);
  });
});
