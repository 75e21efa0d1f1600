import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { GraphAuthError, type TokenSource, tokensOf } from '@ms1/graph-client';
import { SubscriptionStore } from '@ms1/mailboxes';
import { freePort, SIMULATOR_TOKEN, simulatedFleet } from '@ms1/testkit';

import { CHECKS } from '../src/all-checks.ts';
import { Installation } from '../src/installation.ts';
import { type CheckResult, runChecks } from '../src/run-checks.ts';
import { certificateAuthority } from './make-certificates.ts';
import { tlsFront } from './tls-front.ts';

export const SECRET = SIMULATOR_TOKEN;
export const REDIS_PASSWORD = 'password-of-redis';
const GUID = '44444444-4444-4444-8444-444444444444';
const DAY_MS = 86_400_000;

/**
 * A whole installation that is well: a Redis that persists, a Graph and an MS4 (the simulator's), the
 * real ingest-api, both behind TLS with certificates of an authority that is trusted in this process.
 */
export async function doctorBundle() {
  await using stack = new AsyncDisposableStack();
  const authority = stack.use(await certificateAuthority());
  const publicOnes = getCACertificates('default');
  setDefaultCACertificates([...publicOnes, authority.ca]);
  stack.defer(() => setDefaultCACertificates(publicOnes));
  const flags = { appendonly: 'yes', maxmemory: '1gb' };
  const fleet = stack.use(
    await simulatedFleet(
      {
        SIMULATOR_MAILBOXES: '2',
        SIMULATOR_GRAPH_LATENCY_MS: '0',
        SIMULATOR_MS4_LATENCY_MS: '0',
      },
      { flags },
    ),
  );
  const { redis, server: redisServer, base: simulatorUrl, control, mailboxes, tenantId } = fleet;
  await redis.config('SET', 'requirepass', REDIS_PASSWORD);
  const redisUrlOf = (port: number): string => `redis://:${REDIS_PASSWORD}@127.0.0.1:${port}`;

  const ingestPort = await freePort();
  await fleet.start('ingest-api', {
    REDIS_URL: redisUrlOf(redisServer.port),
    INGEST_API_HOST: '127.0.0.1',
    INGEST_API_PORT: String(ingestPort),
  });
  const [lasting, short] = [await authority.sign(365), await authority.sign(2)];
  const webhook = stack.use(await tlsFront(lasting, `http://127.0.0.1:${ingestPort}`));
  const ms4 = stack.use(await tlsFront(lasting, simulatorUrl));
  const notificationUrl = `${webhook.url}/webhooks/graph`;
  const subscriptions = new SubscriptionStore(redis);
  const subscribe = (mailboxId: string, inHours: number) =>
    subscriptions.put({
      subscriptionId: mailboxId,
      tenantId: tenantId,
      mailboxId,
      folderId: 'inbox',
      clientState: 'state-that-is-secret',
      expiresAt: new Date(Date.now() + inHours * 3_600_000).toISOString(),
      notificationUrl,
    });

  const env: Record<string, string> = {
    REDIS_URL: redisUrlOf(redisServer.port),
    GRAPH_BASE_URL: `${simulatorUrl}/v1.0`,
    GRAPH_TENANT_ID: tenantId,
    GRAPH_CLIENT_ID: GUID,
    GRAPH_CLIENT_SECRET: SECRET,
    GRAPH_CLIENT_SECRET_EXPIRES: new Date(Date.now() + 200 * DAY_MS).toISOString().slice(0, 10),
    MAILBOXES: mailboxes.join(','),
    NOTIFICATION_URL: notificationUrl,
    MS4_BASE_URL: ms4.url,
    MS4_TOKEN: SECRET,
    MS4_TLS_CA: authority.ca,
    MS4_TLS_CERT: lasting.cert,
    MS4_TLS_KEY: lasting.key,
    OPS_CONSOLE_PASSWORD: 'correct horse',
    OPS_CONSOLE_TOKEN: SECRET,
    DOCTOR_CANARY_MAILBOX: fleet.outsider,
  };
  const opened = stack.move();
  return {
    env,
    redis,
    redisPort: redisServer.port,
    redisUrlOf,
    webhook,
    ms4,
    lasting,
    short,
    mailboxes,
    subscribe,
    subscriptions,
    fault: (command: object) => control('faults', command),
    stored: async () => (await fleet.status()).stored,
    /** everything as it was */
    async heal() {
      await fleet.clearFaults();
      webhook.front.interfere = null;
      ms4.front.interfere = null;
      webhook.show(lasting);
      ms4.show(lasting);
      const settings = { maxmemory: '1gb', 'maxmemory-policy': 'noeviction', appendonly: 'yes' };
      for (const [name, value] of Object.entries(settings)) await redis.config('SET', name, value);
      await redis.config('SET', 'save', '');
      await Promise.all(mailboxes.map((id) => subscribe(id, 140)));
    },
    async examine({
      change = {},
      aheadMs = 0,
      only = '',
      redisStartMs = 60_000,
    }: Examination = {}) {
      const changed = { ...env, ...change };
      await using installation = new Installation({
        env: changed,
        clock: { now: () => Date.now() + aheadMs },
        tokens: (tenant, clock) =>
          tenant.credential.kind === 'secret'
            ? simulatorTokens(simulatorUrl, tenant.tenantId, tenant.credential.secret)
            : tokensOf(tenant, clock),
        redisStartMs,
      });
      return await runChecks(
        CHECKS.filter(({ name }) => name.startsWith(only)),
        installation,
      );
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export interface Examination {
  /** variables that are other than in a healthy installation */
  change?: Record<string, string>;
  /** ms that this machine's clock is ahead */
  aheadMs?: number;
  /** only the checks whose names begin so */
  only?: string;
  /** ms to wait for a Redis; by default as long as a busy machine may take to connect */
  redisStartMs?: number;
}

/**
 * What is not as it should be with the installation, by name. That a busy machine answers late is true of it, and
 * is asked about by name, on an answer that is late for certain.
 */
export function troublesOf(results: readonly CheckResult[]): Record<string, string> {
  return Object.fromEntries(
    results
      .filter(({ name, status }) => !(status === 'ok' || name === 'redis.latency'))
      .map(({ name, status }) => [name, status]),
  );
}

/** MSAL talks to Entra's hosts over TLS only; the simulator's token endpoint is asked as MSAL would. */
function simulatorTokens(url: string, tenantId: string, secret: string): TokenSource {
  return {
    drop: () => undefined,
    async token() {
      const response = await fetch(`${url}/${tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: GUID,
          client_secret: secret,
          scope: 'https://graph.microsoft.com/.default',
        }),
      });
      const body = (await response.json()) as { access_token?: string; error?: string };
      if (body.access_token !== undefined) return body.access_token;
      const facts = { status: 401, graphCode: body.error ?? '' };
      throw new GraphAuthError('gives no token for our credential', facts);
    },
  };
}
