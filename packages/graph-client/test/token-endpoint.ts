import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTokenEndpoint } from '@ms1/testkit';

import { tokensOf } from '../src/auth/tokens-of.ts';
import type { Credential } from '../src/index.ts';

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const CLIENT = '22222222-2222-4222-8222-222222222222';

const EXAMPLE = join(import.meta.dirname, '../../../../shared/graph/examples/token-response.json');
/** What Entra answers with, from the contract's examples where they are. */
export const GRANTED: Record<string, unknown> = existsSync(EXAMPLE)
  ? JSON.parse(readFileSync(EXAMPLE, 'utf8'))
  : { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token: 'a.b.c' };

/** A token endpoint that grants unless `answer` says otherwise, and Graph's tokens from it. */
export async function tokenEndpoint(
  answer: Parameters<typeof startTokenEndpoint>[0] = () => ({ status: 200, body: GRANTED }),
  certificate?: Parameters<typeof startTokenEndpoint>[1],
) {
  const endpoint = await startTokenEndpoint(answer, certificate);
  const tokens = (credential: Credential) =>
    tokensOf(
      {
        tenantId: TENANT,
        baseUrl: 'https://graph.microsoft.com/v1.0',
        authorityUrl: endpoint.authorityUrl,
        scope: 'https://graph.microsoft.com/.default',
        credential,
      },
      { now: () => Date.now() },
    );
  return { ...endpoint, tokens };
}
