import { expect, test } from '@jest/globals';
import { createAuthority, startTlsRedis } from '@ms1/testkit';

import { closeRedis } from '../src/close-redis.ts';
import { connectRedis, type RedisServer } from '../src/connect-redis.ts';

async function pingOf(server: RedisServer): Promise<string> {
  const redis = await connectRedis({
    ...server,
    role: 'worker',
    name: 'test',
    startTimeoutMs: 30_000,
  });
  try {
    return await redis.ping();
  } finally {
    await closeRedis(redis);
  }
}

test('a private CA is trusted where it is named', async () => {
  await using redis = await startTlsRedis();
  const url = `rediss://${redis.host}`;
  expect(await pingOf({ url, ca: redis.ca })).toBe('PONG');
});

test('a client certificate is shown where there is one', async () => {
  await using redis = await startTlsRedis({ wantsCertificate: true });
  const { ca, client } = redis;
  const url = `rediss://${redis.host}`;
  expect(await pingOf({ url, ca, cert: client.cert, key: client.key })).toBe('PONG');
});

test.each([
  [
    'an unknown CA',
    () => ({ ca: createAuthority('another').cert }),
    'is signed by a CA that this process does not know: set REDIS_CA_FILE',
  ],
  ['no certificate', () => ({}), 'set REDIS_CERT_FILE and REDIS_KEY_FILE'],
] as const)('%s is told with its remedy', async (_, change, sentence) => {
  await using redis = await startTlsRedis({ wantsCertificate: true });
  const attempt = connectRedis({
    url: `rediss://${redis.host}`,
    ca: redis.ca,
    ...change(),
    role: 'worker',
    name: 'test',
    startTimeoutMs: 1_000,
  });
  await expect(attempt).rejects.toThrow(sentence);
});
