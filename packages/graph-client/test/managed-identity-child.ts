/** Asks for a token twice as an app on a machine with a managed identity would, and prints what came. */
import { tokensOf } from '../src/auth/tokens-of.ts';

const tokens = tokensOf(
  {
    tenantId: '11111111-1111-4111-8111-111111111111',
    baseUrl: 'https://graph.microsoft.com/v1.0',
    authorityUrl: 'https://login.microsoftonline.com',
    scope: 'https://graph.microsoft.com/.default',
    credential: { kind: 'managedIdentity', clientId: process.argv[2] || null },
  },
  { now: () => Date.now() },
);
const asked = [tokens.token(), tokens.token()];
for (const { status, ...rest } of await Promise.allSettled(asked)) {
  const { value, reason } = rest as { value?: string; reason?: Error & { code?: string } };
  process.stdout.write(`${status} ${value ?? `${reason?.code} ${reason?.message}`}\n`);
}
