import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { ROLES, startSession } from './session-fleet.ts';
import { startTokenRedis } from './token-line.ts';

const MESSAGES = 900;
const PER_SECOND = 10;
const LIFE_MS = 30_000;

test('a session of a minute and a half over tokens that live 30 s loses no connection; a token that is refused is told within 10 s', async () => {
  await using redis = await startTokenRedis({ lifeMs: LIFE_MS });
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'ms1-entra-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(dir, name), text);
    return join(dir, name);
  };
  const env = {
    REDIS_URL: redis.url,
    REDIS_AUTH: 'entra',
    AZURE_FEDERATED_TOKEN_FILE: await file('token', 'a-token-of-the-platform'),
    AZURE_CLIENT_ID: '33333333-3333-4333-8333-333333333333',
    AZURE_TENANT_ID: '44444444-4444-4444-8444-444444444444',
    AZURE_AUTHORITY_HOST: `${redis.authorityUrl}/`,
    NODE_EXTRA_CA_CERTS: await file('ca.pem', redis.ca),
  };
  await using fleet = await startSession(() => env, {
    messages: MESSAGES,
    perSecond: PER_SECOND,
  });
  const [began, tokens] = [performance.now(), redis.tokens()];
  const connections = redis.connections();
  // Control: a connection that logs in once is broken off.
  const naive = stack.adopt(new Redis(redis.url, redis.once()), (one) => one.disconnect());
  naive.on('error', () => undefined);
  await fleet.storedAre(MESSAGES);
  expect(performance.now() - began).toBeGreaterThan(MESSAGES / PER_SECOND - 5);
  expect(fleet.verdict()).toEqual({ injected: MESSAGES, lost: 0, doubled: 0, phantoms: 0 });
  expect({ brokenOff: redis.brokenOff(), connections: redis.connections() }).toEqual({
    brokenOff: 1,
    connections,
  });
  // Five processes, a token each 15 s; and each connection has logged in with each.
  expect(redis.tokens() - tokens).toBeGreaterThan(5 * 4);
  expect(redis.logins()).toBeGreaterThan(connections * 4);

  redis.refuse();
  // Each asks for a token at a time of its own: the first that is refused is the first to say so.
  const saying = (): Promise<(string | undefined)[]> =>
    Promise.all(ROLES.map(async (role) => (await fleet.unready(role))['redis']));
  await until(async () => (await saying()).some(Boolean), { what: 'readiness says so' });
  expect(redis.refusedForMs()).toBeLessThan(10_000);
  await until(async () => (await saying()).every(Boolean), { what: 'every role says so' });
  expect(new Set(await saying())).toEqual(
    new Set([
      'Entra gives no token for Redis (AADSTS70021): check the managed or workload identity of this process',
    ]),
  );
}, 600_000);
