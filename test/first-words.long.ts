import { expect, test } from '@jest/globals';
import { freePort, mainOf, spawnApp, startRedis } from '@ms1/testkit';

const GUID = '4f1a7b0e-0000-4000-8000-000000000001';
const SECRET = 'secret-of-the-test';
const GRAPH = {
  GRAPH_BASE_URL: 'http://127.0.0.1:9/v1.0',
  GRAPH_TENANT_ID: GUID,
  GRAPH_STATIC_TOKEN: SECRET,
};

/** What each app needs beside a Redis, and no more. */
const CONFIGURED: Record<string, Record<string, string>> = {
  'ingest-api': { INGEST_API_HOST: '127.0.0.1' },
  poller: { ...GRAPH, MAILBOXES: `${GUID}=Invoices` },
  processor: GRAPH,
  'ms4-sender': { MS4_BASE_URL: 'https://ms4.example', MS4_API_KEY: SECRET },
  'ops-console': {
    OPS_CONSOLE_PASSWORD: SECRET,
    OPS_CONSOLE_TOKEN: SECRET,
    GRAPH_TENANT_ID: GUID,
    MAILBOXES: GUID,
  },
  simulator: { SIMULATOR_TOKEN: SECRET },
};

/** What an app says that cannot start: it ends with 1, and keeps its secret. */
async function lastWords(app: string, env: Record<string, string>): Promise<string> {
  await using process = spawnApp({ entry: mainOf(app), env });
  expect(await process.exited).toBe(1);
  expect(process.output()).not.toContain(SECRET);
  return process.output();
}

test.each<[string, Record<string, string>, string[]]>([
  [
    'ingest-api',
    { REDIS_URL: 'http://nowhere', INGEST_API_PORT: 'http', LOG_LEVEL: 'loud' },
    ['REDIS_URL', 'INGEST_API_PORT', 'LOG_LEVEL'],
  ],
  [
    'poller',
    {
      REDIS_URL: 'nowhere',
      GRAPH_TENANT_ID: 'contoso',
      MAILBOXES: `invoices@${SECRET}.example`,
      NOTIFICATION_URL: `http://${SECRET}.example/webhooks/graph`,
      POLLER_INTERVAL_MS: 'often',
      INGEST_SINCE: 'yesterday',
    },
    [
      'REDIS_URL',
      'GRAPH_TENANT_ID',
      'MAILBOXES',
      'NOTIFICATION_URL',
      'POLLER_INTERVAL_MS',
      'INGEST_SINCE',
      'GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET',
    ],
  ],
  [
    'processor',
    { REDIS_URL: 'http://x', PROCESSOR_BATCH_SIZE: '0', GRAPH_TIMEOUT_MS: 'soon' },
    ['REDIS_URL', 'PROCESSOR_BATCH_SIZE', 'GRAPH_TIMEOUT_MS', 'GRAPH_TENANT_ID', 'GRAPH_CLIENT_ID'],
  ],
  [
    'ms4-sender',
    {
      MS4_BASE_URL: 'http://ms4.example',
      MS4_BATCH_PATH: 'v1',
      MS4_TIMEOUT_MS: 'soon',
      MS4_SENDER_BATCH_SIZE: '5000',
      KEY_PREFIX: 'ms1',
    },
    [
      'MS4_BASE_URL: it must be https',
      'MS4_BATCH_PATH',
      'MS4_TOKEN',
      'MS4_TIMEOUT_MS',
      'MS4_SENDER_BATCH_SIZE',
      'KEY_PREFIX',
    ],
  ],
  [
    'ops-console',
    {
      OPS_CONSOLE_PASSWORD: '',
      OPS_CONSOLE_TOKEN: 'short',
      OPS_CONSOLE_PORT: 'http',
      MAILBOXES: `${SECRET}@example.com`,
      REDIS_URL: 'redis://127.0.0.1:1',
    },
    [
      'OPS_CONSOLE_PASSWORD is not set',
      'OPS_CONSOLE_TOKEN: must have at least 16',
      'OPS_CONSOLE_PORT: must be a whole number',
      'MAILBOXES: entry 1 must be a mailbox object id',
      'GRAPH_TENANT_ID is not set',
    ],
  ],
  [
    'simulator',
    { SIMULATOR_PORT: 'http', SIMULATOR_MAILBOXES: '0' },
    ['SIMULATOR_PORT', 'SIMULATOR_MAILBOXES', 'SIMULATOR_TOKEN'],
  ],
])(
  '%s names every variable that is wrong, at once, before it connects',
  async (app, env, names) => {
    const said = await lastWords(app, env);
    for (const name of names) expect(said).toContain(name);
    expect(said).not.toContain('Redis');
  },
);

test.each([
  [{ GRAPH_STATIC_TOKEN: '' }, 'GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET must both be set'],
  [
    { GRAPH_BASE_URL: 'https://graph.microsoft.com/v1.0' },
    'GRAPH_STATIC_TOKEN is for a GRAPH_BASE_URL on loopback or in TRUSTED_NETWORK only',
  ],
  [{ GRAPH_BASE_URL: 'http://graph.example/v1.0' }, 'GRAPH_BASE_URL: it must be https'],
])('refuses credentials that do not fit the service: %j', async (env, sentence) => {
  expect(await lastWords('poller', { ...CONFIGURED['poller'], ...env })).toContain(sentence);
});

// All at once: a fleet may start together with its Redis, so each gives it 5 s.
test('every app says in one sentence that Redis is down', async () => {
  const port = await freePort();
  const { simulator: _, ...withRedis } = CONFIGURED;
  await Promise.all(
    Object.entries(withRedis).map(async ([app, env]) => {
      const url = { REDIS_URL: `redis://127.0.0.1:${port}`, HEALTH_PORT: '0' };
      expect(await lastWords(app, { ...env, ...url })).toContain(
        `cannot start: Redis at 127.0.0.1:${port} does not answer (ECONNREFUSED): start it or set REDIS_URL\n`,
      );
    }),
  );
});

test('every app says in one sentence that its port is in use', async () => {
  await using redis = await startRedis();
  await Promise.all(
    Object.entries({
      'ingest-api': ['INGEST_API_PORT', 'HEALTH_PORT'],
      poller: ['HEALTH_PORT'],
      'ops-console': ['OPS_CONSOLE_PORT', 'HEALTH_PORT'],
      simulator: ['SIMULATOR_PORT'],
    }).flatMap(([app, variables]) =>
      variables.map(async (variable) => {
        // Redis has the port already; the other ones are free.
        const ports = Object.fromEntries(
          await Promise.all(
            ['HEALTH_PORT', ...variables].map(async (one) => [one, String(await freePort())]),
          ),
        ) as Record<string, string>;
        const env = { REDIS_URL: redis.url, ...CONFIGURED[app], ...ports };
        expect(await lastWords(app, { ...env, [variable]: String(redis.port) })).toContain(
          `cannot start: port ${redis.port} (${variable}) is already in use: stop what listens there or set ${variable} to a free port\n`,
        );
      }),
    ),
  );
});
