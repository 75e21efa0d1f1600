import { createHmac } from 'node:crypto';
import type { Clock } from '@ms1/runtime';

import type { FaultTable } from '../faults/fault-table.ts';
import { sameSecret } from '../http/bearer.ts';
import type { Call, Reply } from '../http/call.ts';

const LIFETIME_S = 3_599;
/** the app that uses the simulator's own token directly */
const STATIC_APP_ID = '24d3b144-21ae-4080-943f-7067b395b913';

interface Claims {
  aud: string;
  appid: string;
  tid: string;
  roles: string[];
  /** s since the epoch */
  iat: number;
  exp: number;
}

export interface AccessTokensOptions {
  /** accepted as it is, and the client secret of every app */
  readonly secret: string;
  readonly tenantId: string;
  readonly clock: Clock;
  readonly faults: FaultTable;
}

/** The token endpoint (docs/graph-contract.md#tokens) and the check of what it gave. Tokens hold over a restart. */
export class AccessTokens {
  readonly #secret: string;
  readonly #tenantId: string;
  readonly #clock: Clock;
  readonly #faults: FaultTable;

  constructor({ secret, tenantId, clock, faults }: AccessTokensOptions) {
    this.#secret = secret;
    this.#tenantId = tenantId;
    this.#clock = clock;
    this.#faults = faults;
  }

  /** POST /{tenant}/oauth2/v2.0/token with client credentials: a secret, or an assertion that is taken on trust. */
  issue(call: Call, tenant: string): Reply {
    const form = new URLSearchParams(call.body.toString('utf8'));
    const clientId = form.get('client_id') ?? '';
    if (tenant.toLowerCase() !== this.#tenantId) {
      return refusal(400, 'invalid_request', `AADSTS90002: Tenant '${tenant}' not found.`);
    }
    if (form.get('grant_type') !== 'client_credentials') {
      return refusal(
        400,
        'unsupported_grant_type',
        'AADSTS70003: The grant type is not supported.',
      );
    }
    if (clientId === '' || !form.get('scope')?.endsWith('/.default')) {
      return refusal(
        400,
        'invalid_request',
        'AADSTS900144: client_id and a scope that ends in /.default are needed.',
      );
    }
    if (
      !form.has('client_assertion') &&
      !sameSecret(form.get('client_secret') ?? undefined, this.#secret)
    ) {
      return refusal(401, 'invalid_client', 'AADSTS7000215: Invalid client secret provided.');
    }
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: {
        token_type: 'Bearer',
        expires_in: LIFETIME_S,
        ext_expires_in: LIFETIME_S,
        access_token: this.#token(clientId),
      },
    };
  }

  /** The app a bearer token was given to; undefined when it is not valid (any more). */
  appOf(token: string | undefined): string | undefined {
    if (sameSecret(token, this.#secret)) return STATIC_APP_ID;
    const [header = '', payload = '', signature] = (token ?? '').split('.');
    if (!sameSecret(signature, this.#sign(`${header}.${payload}`))) return undefined;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
    return claims.exp * 1_000 > this.#clock.now() ? claims.appid : undefined;
  }

  /** A JWT, as Entra's are: whoever wants to know what an app may do reads its roles. */
  #token(appId: string): string {
    const now = Math.floor(this.#clock.now() / 1_000);
    const { match: said = 'Mail.Read' } = this.#faults.strike('graph-roles') ?? {};
    const roles = said === 'none' ? [] : said.split(' ');
    const claims: Claims = {
      aud: 'https://graph.microsoft.com',
      appid: appId,
      tid: this.#tenantId,
      roles,
      iat: now,
      exp: now + LIFETIME_S,
    };
    const signed = [{ typ: 'JWT', alg: 'HS256' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${this.#sign(signed)}`;
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url');
  }
}

function refusal(status: number, error: string, description: string): Reply {
  return { status, body: { error, error_description: description, error_codes: [] } };
}
