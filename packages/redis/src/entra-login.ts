import {
  entraApplication,
  federatedAssertion,
  managedIdentity,
  type TokenEndpointError,
} from '@ms1/entra';

import { type FetchRedisToken, RedisTokenRefusedError } from './token-login.ts';

/** Who we are to Entra. */
export type RedisIdentity =
  /** of a workload: a token that the platform keeps fresh in a file */
  | { tenantId: string; clientId: string; tokenFile: string; authorityUrl: string }
  /** of the machine; null: the system-assigned one */
  | { managedClientId: string | null };

/** Azure's Redis, in every cloud. */
const SCOPE = 'https://redis.azure.com/.default';

interface Acquired {
  accessToken: string;
  expiresOn: Date | null;
}

/** Tokens of Entra for Redis. The user that they are for is the object id that each names, unless it is given. */
export function entraLogin(identity: RedisIdentity, user: string | undefined): FetchRedisToken {
  let failure: TokenEndpointError | undefined;
  const acquire = acquireBy(identity, (error) => {
    failure = error;
  });
  return async () => {
    failure = undefined;
    const result = await acquire().catch((error: unknown) => {
      if (failure) throw failure;
      throw new RedisTokenRefusedError(refusalOf(error), error);
    });
    if (!result) throw failure ?? new RedisTokenRefusedError(refusalOf(undefined));
    const username = user ?? objectIdOf(result.accessToken);
    if (username === undefined) {
      throw new RedisTokenRefusedError("Entra's token names no object id: set REDIS_USER");
    }
    const expiresAt = result.expiresOn?.getTime() ?? Date.now() + 60_000;
    return { username, token: result.accessToken, expiresAt };
  };
}

function acquireBy(
  identity: RedisIdentity,
  onFailure: (error: TokenEndpointError) => void,
): () => Promise<Acquired | null> {
  if ('managedClientId' in identity) {
    const app = managedIdentity({ clientId: identity.managedClientId, onFailure });
    return () => app.acquireToken({ resource: SCOPE, forceRefresh: true });
  }
  const { tenantId, clientId, tokenFile, authorityUrl } = identity;
  const clientAssertion = federatedAssertion(tokenFile, onFailure);
  const app = entraApplication({ tenantId, clientId, authorityUrl, clientAssertion, onFailure });
  return () => app.acquireTokenByClientCredential({ scopes: [SCOPE], skipCache: true });
}

/** Entra's number says which, and its text may name more than a log should. */
function refusalOf(error: unknown): string {
  const number = /AADSTS\d+/.exec(error instanceof Error ? error.message : '')?.[0];
  const said = number === undefined ? '' : ` (${number})`;
  return `Entra gives no token for Redis${said}: check the managed or workload identity of this process`;
}

function objectIdOf(token: string): string | undefined {
  try {
    const [, payload = ''] = token.split('.');
    const { oid } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
      oid?: unknown;
    };
    return typeof oid === 'string' ? oid : undefined;
  } catch {
    return undefined;
  }
}
