import { ServerError } from '@azure/msal-node';
import type { TokenEndpointError } from '@ms1/entra';

import { GraphAuthError, GraphTransientError } from '../errors/graph-error.ts';
import { retryAfterMs } from '../errors/retry-after.ts';
import type { Credential } from './credential.ts';

/** What to do about the answers that are seen most, by Entra's number. */
const ADVICE: Readonly<Record<string, string>> = {
  '7000215': 'the client secret is wrong: give its value, not its id',
  '7000222': 'the client secret has expired: make a new one',
  '7000112': 'the application is disabled in the tenant',
  '700016': 'the tenant does not know the application: check client id and tenant id, and consent',
  '90002': 'there is no such tenant in this cloud: check tenant id and cloud',
  '700027': 'the certificate is not that of the application, or has expired: upload it',
  '700024': 'the assertion is not valid now: check the clock of this machine',
  '70021': 'no federated credential of the application fits: check issuer, subject and audience',
  '700211': 'no federated credential of the application fits: check its issuer',
  '700213': 'no federated credential of the application fits: check its subject',
};

const BY_KIND: Readonly<Record<Credential['kind'], string>> = {
  secret: 'check client id and client secret',
  certificate: 'check client id and certificate',
  federated: 'check the federated credential of the application and the token file',
  managedIdentity: 'check that the managed identity is assigned to this machine',
  static: 'check the token',
};

/** Answers that are refusals by their form and say that the endpoint is not well. */
const NOT_WELL = new Set(['temporarily_unavailable', 'server_error']);

/**
 * Why no token came. What the endpoint wrote is left out but for its number, because it is text of
 * somebody else's that may repeat what we sent.
 *
 * @param failure of the way there, where that is what failed
 */
export function tokenRefusal(
  kind: Credential['kind'],
  cause: unknown,
  failure: TokenEndpointError | undefined,
): GraphAuthError | GraphTransientError {
  if (failure !== undefined) {
    return new GraphTransientError('gives no token now', {
      status: null,
      retryAfterMs: retryAfterMs(failure.retryAfter, Date.now()),
      cause: failure,
    });
  }
  const code = (cause as { errorCode?: unknown } | null)?.errorCode;
  if (typeof code === 'string' && NOT_WELL.has(code)) {
    return new GraphTransientError('gives no token now', { status: null, graphCode: code });
  }
  const number = cause instanceof ServerError ? numberOf(cause) : undefined;
  const advice = ADVICE[number ?? ''] ?? BY_KIND[kind];
  return new GraphAuthError(`gives no token: ${advice}`, {
    status: 401,
    graphCode: number === undefined ? (typeof code === 'string' ? code : '') : `AADSTS${number}`,
    requestId: requestIdOf(cause),
  });
}

function numberOf({ errorNo, message }: ServerError): string | undefined {
  return errorNo ?? /AADSTS(\d+)/.exec(message)?.[1];
}

function requestIdOf(cause: unknown): string | null {
  const id = (cause as { correlationId?: unknown } | null)?.correlationId;
  return typeof id === 'string' && id !== '' ? id : null;
}
