import { createHmac } from 'node:crypto';
import type { Clock } from '@ms1/runtime';

import { sameSecret } from '../http/bearer.ts';
import type { Call, Reply } from '../http/call.ts';

const LIFETIME_S = 3_599;
/** the app that uses the simulator's own token directly */
const STATIC_APP_ID = '24d3b144-21ae-4080-943f-7067b395b913';

export interface AccessTokensOptions {
  /** accepted as it is, and the client secret of every app */
  readonly secret: string;
  readonly tenantId: string;
  readonly clock: Clock;
}

/** The token endpoint (Graph contract 9) and the check of what it gave. Tokens hold over a restart. */
export class AccessTokens {
  readonly #secret: string;
  readonly #tenantId: string;
  readonly #clock: Clock;

  constructor({ secret, tenantId, clock }: AccessTokensOptions) {
    this.#secret = secret;
    this.#tenantId = tenantId;
    this.#clock = clock;
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
    const expiresAt = this.#clock.now() + LIFETIME_S * 1_000;
    const payload = Buffer.from(JSON.stringify([clientId, expiresAt])).toString('base64url');
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: {
        token_type: 'Bearer',
        expires_in: LIFETIME_S,
        ext_expires_in: LIFETIME_S,
        access_token: `sim.${payload}.${this.#sign(payload)}`,
      },
    };
  }

  /** The app a bearer token was given to; undefined when it is not valid (any more). */
  appOf(token: string | undefined): string | undefined {
    if (sameSecret(token, this.#secret)) return STATIC_APP_ID;
    const [, payload, signature] = /^sim\.([\w-]+)\.([\w-]+)$/.exec(token ?? '') ?? [];
    if (payload === undefined || !sameSecret(signature, this.#sign(payload))) return undefined;
    const [appId, expiresAt] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
      string,
      number,
    ];
    return expiresAt > this.#clock.now() ? appId : undefined;
  }

  #sign(payload: string): string {
    return createHmac('sha256', this.#secret).update(payload).digest('base64url');
  }
}

function refusal(status: number, error: string, description: string): Reply {
  return { status, body: { error, error_description: description, error_codes: [] } };
}
