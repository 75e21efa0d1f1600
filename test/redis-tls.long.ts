import { expect, test } from '@jest/globals';
import { createTlsFiles, startCluster, startSentinel } from '@ms1/testkit';

import { startSession } from './session-fleet.ts';

const MESSAGES = 1_500;

test.each([
  [
    'Sentinel',
    async (tls: Tls) => {
      const sentinel = await startSentinel({ flags: { appendonly: 'yes' }, tls });
      return Object.assign(sentinel, { inUse: () => sentinel.primary() });
    },
  ],
  [
    'Cluster',
    async (tls: Tls) => {
      const cluster = await startCluster({ tls });
      return Object.assign(cluster, { inUse: () => cluster.ownerOf('{ms1}') });
    },
  ],
] as const)(
  'over TLS with a private CA and a certificate, %s: a session whose primary is killed in the middle loses none and doubles none',
  async (_, start) => {
    await using tls = await createTlsFiles({ wantsCertificate: true });
    await using redis = await start(tls);
    const { ca, cert, key } = tls.files;
    const env = {
      REDIS_URL: redis.url,
      REDIS_CA_FILE: ca,
      REDIS_CERT_FILE: cert,
      REDIS_KEY_FILE: key,
    };
    expect(redis.url).toMatch(/^rediss\+/);
    await using fleet = await startSession(() => env, { messages: MESSAGES });
    await fleet.storedAre(MESSAGES / 3);
    process.kill((await redis.inUse()).pid, 'SIGKILL');
    await fleet.storedAre(MESSAGES);
    expect(fleet.verdict()).toEqual({ injected: MESSAGES, lost: 0, doubled: 0, phantoms: 0 });
    expect(await fleet.sessions()).toEqual(['november']);
  },
  300_000,
);

type Tls = Awaited<ReturnType<typeof createTlsFiles>>;
