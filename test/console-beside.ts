import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { freePort, type SpawnedApp, spawnApp } from '@ms1/testkit';

import type { RunningFleet } from './running-fleet.ts';
import { root } from './workspaces.ts';

/** Bearer tokens of a console that is started for a test, by the role they have. */
export const ROLE_TOKENS = {
  reader: 'reader-of-sixteen-or-more',
  operator: 'operator-of-sixteen-or-more',
  admin: 'admin-of-sixteen-or-more',
} as const;

export interface ConsoleBeside extends AsyncDisposable {
  readonly url: string;
  readonly app: SpawnedApp;
}

/** Another console over a running fleet's Redis, with a token of every role. */
export async function consoleBeside(
  { redisUrl, secrets }: RunningFleet,
  tenantId: string,
  env: Record<string, string> = {},
): Promise<ConsoleBeside> {
  const [port, health] = [await freePort(), await freePort()];
  const tokens = Object.entries(ROLE_TOKENS).map(
    ([role, token]) => `${role}s ${role} ${createHash('sha256').update(token).digest('hex')}`,
  );
  const app = spawnApp({
    entry: join(root, 'apps', 'ops-console', 'src', 'main.ts'),
    env: {
      REDIS_URL: redisUrl,
      HEALTH_PORT: String(health),
      OPS_CONSOLE_PORT: String(port),
      OPS_CONSOLE_PASSWORD: 'correct horse',
      OPS_CONSOLE_TOKENS: tokens.join('\n'),
      GRAPH_TENANT_ID: tenantId,
      LOOKUP_KEY: secrets['lookupKey'] ?? '',
      ...env,
    },
  });
  await app.ready(`http://127.0.0.1:${health}/readyz`);
  return {
    url: `http://127.0.0.1:${port}`,
    app,
    [Symbol.asyncDispose]: async () => void (await app.stop()),
  };
}
