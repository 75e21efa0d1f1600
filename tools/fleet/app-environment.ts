import { consoleAccess } from './console-access.ts';
import type { AppName } from './parse-options.ts';
import type { Secrets } from './secrets.ts';
import type { Env } from './target.ts';

/** Where everything listens, once it is known. */
export interface Addresses {
  redisUrl: string;
  consoleHost: string;
  consolePort: number;
  ingestPort: number;
}

/** What a fleet of simulated services needs to know of the simulator. */
export interface SimulatedTenant {
  baseUrl: string;
  tenantId: string;
  mailboxes: readonly { id: string; address: string }[];
}

/**
 * What the demonstration tunes; everything else runs with its default. Whoever sets one of these
 * wins over it.
 *
 * POLLER_INTERVAL_MS: a person is watching, so a folder is walked every 2 s and not every minute.
 * MS4_SENDER_BATCH_WAIT_MS, _MAX: one machine runs everything, so any process may stand still for a
 * second or two; a batch waits that out instead of going half filled. 500 messages are there within
 * 15 s at 35 messages/s, a tenth of what the smallest machine does.
 */
const DEMO_ENV = {
  POLLER_INTERVAL_MS: '2000',
  MS4_SENDER_BATCH_WAIT_MS: '3000',
  MS4_SENDER_BATCH_WAIT_MS_MAX: '15000',
  // Simulated mail is nobody's, and a console that hides it does not show what it does for a clerk.
  OPS_CONSOLE_PII_ROLE: 'operator',
};

/** Variables of the simulated wiring: what the person's environment says about them must not leak in. */
const REAL_ONLY = [
  'GRAPH_CLIENT_ID',
  'GRAPH_CLIENT_SECRET',
  'GRAPH_CLIENT_SECRET_FILE',
  'GRAPH_CLIENT_CERTIFICATE',
  'GRAPH_CLIENT_CERTIFICATE_FILE',
  'GRAPH_CLIENT_CERTIFICATE_KEY',
  'GRAPH_CLIENT_CERTIFICATE_KEY_FILE',
  'GRAPH_MANAGED_IDENTITY',
  'AZURE_FEDERATED_TOKEN_FILE',
  'GRAPH_TENANTS_FILE',
  'GRAPH_CLOUD',
  'GRAPH_STATIC_TOKEN_FILE',
  'GRAPH_MAILBOX_REQUESTS_MAX',
  'MAILBOX_FOLDERS',
  'MS4_BATCH_PATH',
  'MS4_API_KEY',
  'MS4_API_KEY_FILE',
  'MS4_TOKEN_FILE',
  'MS4_CLIENT_SECRET',
  'MS4_CLIENT_SECRET_FILE',
  'MS4_TLS_CERT',
  'MS4_TLS_CERT_FILE',
  'MS4_TLS_KEY',
  'MS4_TLS_KEY_FILE',
  'NOTIFICATION_CERTIFICATE',
  'NOTIFICATION_CERTIFICATE_FILE',
  'NOTIFICATION_PRIVATE_KEYS',
  'NOTIFICATION_PRIVATE_KEYS_FILE',
  'NOTIFICATION_TOKEN_AUTHORITY_URL',
  'OPS_CONSOLE_TOKENS',
  'OPS_CONSOLE_TOKENS_FILE',
  'OPS_CONSOLE_OIDC_ISSUER',
  'OPS_CONSOLE_OIDC_CLIENT_ID',
  'OPS_CONSOLE_OIDC_CLIENT_SECRET',
  'OPS_CONSOLE_OIDC_CLIENT_SECRET_FILE',
  'OPS_CONSOLE_OIDC_AUDIENCE',
  'OPS_CONSOLE_PUBLIC_URL',
  'OPS_CONSOLE_LOGIN_KEYS',
  'OPS_CONSOLE_LOGIN_KEYS_FILE',
  'OPS_CONSOLE_TRUSTED_PROXIES',
  'REDIS_URL_FILE',
  'REDIS_AUTH',
  'REDIS_SHARDS',
  'REDIS_WAIT_REPLICAS',
];

/** The environment of every app against the simulator; each app reads what it knows and ignores the rest. */
export function simulatedEnvironment(
  env: Env,
  secrets: Secrets,
  addresses: Addresses,
  tenant: SimulatedTenant,
): Record<string, string> {
  const own = { ...DEMO_ENV, ...env };
  for (const name of REAL_ONLY) delete own[name as keyof typeof own];
  return clean({
    ...own,
    ...sharedEnvironment(env, secrets, addresses),
    REDIS_URL: addresses.redisUrl,
    GRAPH_BASE_URL: `${tenant.baseUrl}/v1.0`,
    GRAPH_TENANT_ID: tenant.tenantId,
    GRAPH_STATIC_TOKEN: secrets.simulatorToken,
    MAILBOXES: tenant.mailboxes
      .map(({ id, address }) => `${id}=${address.replace(/@.*/, '')}`)
      .join(','),
    // Older than anything the simulator makes up: every injected message is wanted.
    INGEST_SINCE: '2000-01-01T00:00:00Z',
    NOTIFICATION_URL: `http://127.0.0.1:${addresses.ingestPort}/webhooks/graph`,
    INGEST_API_HOST: '127.0.0.1',
    MS4_BASE_URL: tenant.baseUrl,
    MS4_TOKEN: secrets.simulatorToken,
    // So that a person can try the search; the real fleet keeps no index until it is given a key.
    ...(env['LOOKUP_KEY'] || env['LOOKUP_KEY_FILE'] ? {} : { LOOKUP_KEY: secrets.lookupKey }),
  });
}

/** The environment against the real services: the person's own, with what the launcher decides. */
export function realEnvironment(
  env: Env,
  secrets: Secrets,
  addresses: Addresses,
): Record<string, string> {
  const redis = env['REDIS_URL_FILE'] ? {} : { REDIS_URL: addresses.redisUrl };
  return clean({ ...env, ...sharedEnvironment(env, secrets, addresses), ...redis });
}

/** The environment of the simulator. */
export function simulatorEnvironment(
  env: Env,
  secrets: Secrets,
  options: { port: number; dataDir: string; mailboxes: number },
): Record<string, string> {
  return clean({
    ...env,
    SIMULATOR_HOST: '127.0.0.1',
    SIMULATOR_PORT: String(options.port),
    SIMULATOR_DATA_DIR: options.dataDir,
    SIMULATOR_MAILBOXES: String(options.mailboxes),
    SIMULATOR_TOKEN: secrets.simulatorToken,
  });
}

/** Every process needs its own port for health checks. */
export function withHealthPort(
  app: AppName,
  env: Record<string, string>,
  port: number,
): Record<string, string> {
  const labelled = { ...env, HEALTH_HOST: '127.0.0.1', HEALTH_PORT: String(port) };
  return app === 'ops-console' ? labelled : withoutConsole(labelled);
}

/** The console's credentials are its own business. */
function withoutConsole(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^OPS_CONSOLE_(PASSWORD|TOKEN|OIDC|LOGIN_KEYS)/.test(name),
    ),
  );
}

function sharedEnvironment(env: Env, secrets: Secrets, addresses: Addresses) {
  const { password, token, tokenFile } = consoleAccess(env, secrets);
  return {
    OPS_CONSOLE_HOST: addresses.consoleHost,
    OPS_CONSOLE_PORT: String(addresses.consolePort),
    ...(password === undefined ? {} : { OPS_CONSOLE_PASSWORD: password }),
    ...(tokenFile === undefined ? { OPS_CONSOLE_TOKEN: token } : {}),
    INGEST_API_PORT: String(addresses.ingestPort),
  };
}

function clean(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
