import { generateKeyPairSync, type KeyPairKeyObjectResult, randomUUID, sign } from 'node:crypto';
import type { Clock } from '@ms1/runtime';

import type { Call, Reply } from '../../http/call.ts';

/** Who sends notifications, in every tenant (docs/graph-contract.md#validation-tokens). */
const CHANGE_TRACKING_APP = '0bf30f3b-4a52-48df-9a82-234910c4a086';
const KEY_ID = 'change-tracking-1';
const LIFETIME_S = 86_400;
const CONFIGURATION = '/common/.well-known/openid-configuration';
const KEYS = '/common/discovery/v2.0/keys';

export interface TokenRequest {
  /** whom the token is for: the app of the subscriptions in the POST */
  readonly appId: string;
  /** origin of the issuer, which is the simulator */
  readonly origin: string;
  /** signed by a key that nobody publishes, under the id of the one that is */
  readonly forged?: boolean;
}

/**
 * The sender of rich notifications: signs the validation tokens and publishes the key
 * (docs/graph-contract.md#validation-tokens).
 */
export class ChangeTracking {
  readonly #tenantId: string;
  readonly #clock: Clock;
  #keys: KeyPairKeyObjectResult | undefined;
  #issued = 0;

  constructor({ tenantId, clock }: { tenantId: string; clock: Clock }) {
    this.#tenantId = tenantId;
    this.#clock = clock;
  }

  /** By hand and not by a library, which might make the same mistake on both ends. Versions 1.0 and 2.0 in turn. */
  token({ appId, origin, forged = false }: TokenRequest): string {
    this.#issued += 1;
    const now = Math.floor(this.#clock.now() / 1_000);
    const tid = this.#tenantId;
    const version =
      this.#issued % 2 === 0
        ? { ver: '1.0', iss: `https://sts.windows.net/${tid}/`, appid: CHANGE_TRACKING_APP }
        : { ver: '2.0', iss: `${origin}/${tid}/v2.0`, azp: CHANGE_TRACKING_APP };
    const header = { typ: 'JWT', alg: 'RS256', kid: KEY_ID };
    const claims = {
      aud: appId,
      iat: now,
      nbf: now,
      exp: now + LIFETIME_S,
      tid,
      uti: randomUUID(),
    };
    const signed = [header, { ...claims, ...version }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const { privateKey } = forged ? newKeys() : this.#pair();
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  }

  /** undefined for any path but those of the OpenID configuration and its keys */
  answer({ path, method, origin }: Call): Reply | undefined {
    if (method !== 'GET') return undefined;
    if (path === CONFIGURATION) {
      return {
        status: 200,
        body: { issuer: `${origin}/{tenantid}/v2.0`, jwks_uri: origin + KEYS },
      };
    }
    if (path !== KEYS) return undefined;
    const jwk = this.#pair().publicKey.export({ format: 'jwk' });
    return { status: 200, body: { keys: [{ ...jwk, kid: KEY_ID, use: 'sig' }] } };
  }

  /** Made when it is needed first: it takes a tenth of a second, and most runs need none. */
  #pair(): KeyPairKeyObjectResult {
    this.#keys ??= newKeys();
    return this.#keys;
  }
}

function newKeys(): KeyPairKeyObjectResult {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 });
}
