import { createHash } from 'node:crypto';
import { startConsole } from '@ms1/testkit';

import type { RunningFleet } from './running-fleet.ts';

/** Bearer tokens of a console that is started for a test, by the role they have. */
export const ROLE_TOKENS = {
  reader: 'reader-of-sixteen-or-more',
  operator: 'operator-of-sixteen-or-more',
  admin: 'admin-of-sixteen-or-more',
} as const;

/** Another console over a running fleet's Redis, with a token of every role. */
export async function consoleBeside(
  { redisUrl, secrets }: RunningFleet,
  tenantId: string,
  env: Record<string, string> = {},
) {
  const tokens = Object.entries(ROLE_TOKENS).map(
    ([role, token]) => `${role}s ${role} ${createHash('sha256').update(token).digest('hex')}`,
  );
  return startConsole(redisUrl, {
    OPS_CONSOLE_TOKEN: '',
    OPS_CONSOLE_TOKENS: tokens.join('\n'),
    GRAPH_TENANT_ID: tenantId,
    MAILBOXES: '',
    LOOKUP_KEY: secrets['lookupKey'] ?? '',
    ...env,
  });
}
