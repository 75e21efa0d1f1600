import type { Clock } from '@ms1/runtime';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';

import { SigningKeysUnavailableError } from './signing-keys.ts';

/**
 * What the tokens of a POST prove: for which tenants it was sent (lower case), that it was not sent by
 * Graph, or nothing, because there are none or their keys cannot be had.
 */
type TokenVerdict = { tenants: ReadonlySet<string> } | 'refused' | 'undecided';

export type JudgeTokens = (tokens: readonly string[]) => Promise<TokenVerdict>;

export interface JudgeTokensOptions {
  keys: JWTVerifyGetKey;
  /** our app id: whom the tokens must be meant for */
  appId: string;
  /** origin of the token issuer */
  authority: string;
  clock: Clock;
}

/**
 * "Microsoft Graph Change Tracking": who sends notifications, in every tenant
 * (docs/graph-contract.md#validation-tokens).
 */
const CHANGE_TRACKING_APP = '0bf30f3b-4a52-48df-9a82-234910c4a086';
/** s that our clock and theirs may differ (docs/reliability.md#clock-skew) */
const LEEWAY_S = 300;
/** One for each app and tenant in the POST. */
const TOKENS_MAX = 32;
const TOKEN_LENGTH_MAX = 8_192;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Verifies every token of a POST: one that is wrong condemns all (docs/graph-contract.md#validation-tokens). Both
 * versions of tokens are known; the official samples know one and reject the other.
 */
export function createJudgeTokens(options: JudgeTokensOptions): JudgeTokens {
  const { keys, appId, clock } = options;

  const tenantOf = async (token: string): Promise<string> => {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['RS256'],
      audience: appId,
      clockTolerance: LEEWAY_S,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'nbf', 'iss', 'tid'],
    });
    return checkedTenant(payload, options.authority);
  };

  return async (tokens) => {
    if (tokens.length === 0) return 'undecided';
    if (tokens.length > TOKENS_MAX) return 'refused';
    if (tokens.some(({ length }) => length > TOKEN_LENGTH_MAX)) return 'refused';
    const results = await Promise.allSettled(tokens.map(tenantOf));
    const failures = results.filter((result) => result.status === 'rejected');
    if (failures.some(({ reason }) => !isUndecidable(reason))) return 'refused';
    if (failures.length > 0) return 'undecided';
    const tenants = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    return { tenants: new Set(tenants) };
  };
}

/** A key id that is unknown may be one of tomorrow's keys; the keys are not asked for again at once. */
function isUndecidable(error: unknown): boolean {
  return error instanceof SigningKeysUnavailableError || error instanceof errors.JWKSNoMatchingKey;
}

/** @throws when the token was not issued to Graph's sender by the tenant that it names */
function checkedTenant(payload: JWTPayload, authority: string): string {
  const { ver, appid, azp, iss } = payload;
  const tid = String(payload['tid']).toLowerCase();
  const known = {
    '1.0': { caller: appid, issuers: V1_ISSUERS.map((issuer) => `${issuer}/${tid}/`) },
    '2.0': { caller: azp, issuers: [`${authority}/${tid}/v2.0`] },
  }[String(ver)];
  if (!known || !GUID.test(tid)) throw new Error('of no known version or tenant');
  if (known.caller !== CHANGE_TRACKING_APP) throw new Error('of another caller');
  if (!known.issuers.includes(String(iss).toLowerCase())) throw new Error('of another issuer');
  return tid;
}

/** Global and US Gov, and China (docs/graph-contract.md#national-clouds). */
const V1_ISSUERS = ['https://sts.windows.net', 'https://sts.chinacloudapi.cn'];
