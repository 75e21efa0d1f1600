import { expect, test } from '@jest/globals';
import { aclOf, type RightsOf } from '@ms1/redis';
import { mainOf, spawnApp, startTlsRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { startSession } from './session-fleet.ts';

const MESSAGES = 1_000;
const ROLES: RightsOf[] = ['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'];
const PREFIX = '{ms1}';

test('over TLS with a private CA and a certificate, each role with no more than docs/redis.md lists: a session goes through, and a role that lacks a right says which', async () => {
  await using redis = await startTlsRedis({ wantsCertificate: true });
  const admin = new Redis(redis.server.url);
  for (const role of ROLES) {
    await admin.call('ACL', 'SETUSER', role, 'on', '>pw', ...aclOf(role, PREFIX).split(' '));
  }
  const { ca, cert, key } = redis.files;
  const redisOf = (role: string) => ({
    REDIS_URL: `rediss://${role}:pw@${redis.host}`,
    REDIS_CA_FILE: ca,
    REDIS_CERT_FILE: cert,
    REDIS_KEY_FILE: key,
    LOOKUP_KEY: Buffer.alloc(32, 7).toString('base64url'),
  });
  {
    await using fleet = await startSession(redisOf, { messages: MESSAGES });
    await fleet.storedAre(MESSAGES);
    expect(fleet.verdict()).toEqual({ injected: MESSAGES, lost: 0, doubled: 0, phantoms: 0 });
    expect(await fleet.sessions()).toEqual(['november']);
    for (const role of ROLES) {
      expect([role, fleet.apps[role].output().match(/NOPERM|ACL failure/g)]).toEqual([role, null]);
    }
  }
  // Nothing was refused to any of them, in whatever script.
  expect(await admin.call('ACL', 'LOG')).toEqual([]);

  await admin.call('ACL', 'SETUSER', 'ms4-sender', '-zadd');
  const app = spawnApp({
    entry: mainOf('ms4-sender'),
    env: {
      ...redisOf('ms4-sender'),
      MS4_BASE_URL: 'http://127.0.0.1:1',
      MS4_TOKEN: 'none',
      HEALTH_PORT: '0',
    },
  });
  expect(await app.exited).toBe(1);
  expect(app.output()).toContain(
    'cannot start: Redis does not let user ms4-sender run ZADD: give ms4-sender +zadd (docs/redis.md)',
  );
  admin.disconnect();
}, 300_000);
