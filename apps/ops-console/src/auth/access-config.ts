import { ROLES } from '@ms1/console-api';
import { integer, secret, secureUrl, url } from '@ms1/runtime';
import { z } from 'zod';

import type { Access } from './access.ts';
import { ApiTokens, apiToken } from './api-tokens.ts';
import { OwnKeys } from './key-ring.ts';

/** The variables that say who may come in. Refine the schema with {@link accessProblems}. */
export const accessConfig = {
  OPS_CONSOLE_PASSWORD: secret(
    z.string().min(8, 'must have at least 8 characters').optional(),
  ).describe(
    'Password of the login page; a new one ends the logins by the old one. `npm start` makes one up; a console ' +
      'started alone requires it, or OPS_CONSOLE_OIDC_CLIENT_SECRET.',
  ),
  OPS_CONSOLE_PASSWORD_ROLE: z
    .enum(ROLES)
    .default('operator')
    .describe('Role of a login by password.'),
  OPS_CONSOLE_TOKEN: secret(
    z.string().min(16, 'must have at least 16 characters').optional(),
  ).describe(
    'Bearer token of the API with the role admin. A console started alone requires it, or OPS_CONSOLE_TOKENS, or ' +
      'OPS_CONSOLE_OIDC_ISSUER.',
  ),
  OPS_CONSOLE_TOKENS: secret(ApiTokens.optional()).describe(
    'More bearer tokens, best as a file: a line each, `name role sha256`, with the SHA-256 of the token in hexadecimal.',
  ),
  OPS_CONSOLE_PII_ROLE: z
    .enum(['none', ...ROLES])
    .default('none')
    .describe(
      'The least role that sees subjects, addresses and file names: on the board, and of a message where the console has ' +
        'a credential for Graph.',
    ),
  OPS_CONSOLE_OIDC_ISSUER: secureUrl()
    .optional()
    .describe(
      'Identity provider (OpenID Connect): `iss` of its tokens, such as ' +
        '`https://login.microsoftonline.com/<tenant id>/v2.0`. Its bearer tokens open the API by their app roles.',
    ),
  OPS_CONSOLE_OIDC_CLIENT_ID: z
    .string()
    .min(1)
    .optional()
    .describe("Client id of the console's app registration. Required with the issuer."),
  OPS_CONSOLE_OIDC_CLIENT_SECRET: secret(z.string().min(1).optional()).describe(
    'With it, and OPS_CONSOLE_PUBLIC_URL, people log in by the provider.',
  ),
  OPS_CONSOLE_OIDC_AUDIENCE: z
    .string()
    .min(1)
    .optional()
    .describe('`aud` of bearer tokens. Not set: the client id.'),
  OPS_CONSOLE_PUBLIC_URL: url('https', 'http')
    .optional()
    .describe('Where browsers reach the console. With https its cookies are for https only.'),
  OPS_CONSOLE_LOGIN_KEYS: secret(OwnKeys.optional()).describe(
    '`id:key` each, separated by commas or lines, keys of 32 random bytes in base64url: the first one signs logins, ' +
      'all verify. Not set: the consoles make their own in Redis and change them daily.',
  ),
  OPS_CONSOLE_TRUSTED_PROXIES: integer(0, 10)
    .default(0)
    .describe(
      'How many proxies before it add to X-Forwarded-For: only an address that guesses passwords has to wait.',
    ),
};

const AccessConfig = z.object(accessConfig);
export type AccessConfig = z.infer<typeof AccessConfig>;

/** What is missing for somebody to come in at all, or for what was begun; by the variable to set. */
export function accessProblems(config: Partial<AccessConfig>): [name: string, why: string][] {
  const issuer = config.OPS_CONSOLE_OIDC_ISSUER;
  const clientId = config.OPS_CONSOLE_OIDC_CLIENT_ID;
  const clientSecret = config.OPS_CONSOLE_OIDC_CLIENT_SECRET;
  const problems: [string, string][] = [];
  const needs = (missing: boolean, name: string, why: string): void => {
    if (missing) problems.push([name, why]);
  };
  const { OPS_CONSOLE_PASSWORD: password, OPS_CONSOLE_TOKEN: token } = config;
  needs(
    password === undefined && clientSecret === undefined,
    'OPS_CONSOLE_PASSWORD',
    'set it to the password of the login page, or OPS_CONSOLE_OIDC_CLIENT_SECRET to log in by the identity provider',
  );
  needs(
    token === undefined && !config.OPS_CONSOLE_TOKENS && issuer === undefined,
    'OPS_CONSOLE_TOKEN',
    'set it to the bearer token of the API, or OPS_CONSOLE_TOKENS, or OPS_CONSOLE_OIDC_ISSUER',
  );
  needs(
    issuer !== undefined && isPlainRemote(issuer),
    'OPS_CONSOLE_OIDC_ISSUER',
    'must be https:// (http:// is for loopback only)',
  );
  needs(
    issuer !== undefined && clientId === undefined,
    'OPS_CONSOLE_OIDC_CLIENT_ID',
    'set it to the client id of the app registration',
  );
  needs(
    clientSecret !== undefined && issuer === undefined,
    'OPS_CONSOLE_OIDC_ISSUER',
    'set it to the issuer of the identity provider',
  );
  needs(
    clientSecret !== undefined && config.OPS_CONSOLE_PUBLIC_URL === undefined,
    'OPS_CONSOLE_PUBLIC_URL',
    'set it to the address where browsers reach the console',
  );
  return problems;
}

/** The ways in that are configured. */
export function accessOf(config: AccessConfig): Access {
  const { OPS_CONSOLE_OIDC_ISSUER: issuer, OPS_CONSOLE_OIDC_CLIENT_ID: clientId } = config;
  const { OPS_CONSOLE_PASSWORD: password, OPS_CONSOLE_TOKEN: token } = config;
  const clientSecret = config.OPS_CONSOLE_OIDC_CLIENT_SECRET;
  const piiRole = config.OPS_CONSOLE_PII_ROLE;
  return {
    loginKeys: config.OPS_CONSOLE_LOGIN_KEYS,
    tokens: [
      ...(token === undefined ? [] : [apiToken('default', 'admin', token)]),
      ...(config.OPS_CONSOLE_TOKENS ?? []),
    ],
    password,
    passwordRole: config.OPS_CONSOLE_PASSWORD_ROLE,
    publicUrl: config.OPS_CONSOLE_PUBLIC_URL,
    trustedProxies: config.OPS_CONSOLE_TRUSTED_PROXIES,
    ...(piiRole !== 'none' && { piiRole }),
    ...(issuer !== undefined &&
      clientId !== undefined && {
        oidc: {
          issuer,
          clientId,
          clientSecret,
          audience: config.OPS_CONSOLE_OIDC_AUDIENCE ?? clientId,
        },
      }),
  };
}

function isPlainRemote(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}
