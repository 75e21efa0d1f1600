import { integer, moment, secret, secureUrl, trustConfig, trustedUrl } from '@ms1/runtime';
import { z } from 'zod';

import { entraAuth } from './entra-auth.ts';
import { apiKeyAuth, bearerAuth, certificateAuth, type Ms4Auth } from './ms4-auth.ts';

/** The variables of MS4's address and our credentials. Spread into a schema; refine it with {@link ms4Problems}. */
export const ms4Config = {
  ...trustConfig,
  MS4_BASE_URL: trustedUrl('set it to the address of MS4, such as https://ms4.example').describe(
    'Scheme, host and port of MS4. A path in it precedes MS4_BATCH_PATH.',
  ),
  MS4_BATCH_PATH: z
    .string()
    .regex(/^\/\S*$/, 'must begin with a slash')
    .default('/v1/batches')
    .describe('Where batches are sent.'),
  MS4_TOKEN: secret(headerValue().optional()).describe(
    'A bearer token that does not change. Exactly one of MS4_TOKEN, MS4_API_KEY and MS4_CLIENT_SECRET is required, or ' +
      'a client certificate alone.',
  ),
  MS4_API_KEY: secret(headerValue().optional()).describe('Sent as `X-Api-Key`.'),
  MS4_CLIENT_SECRET: secret(z.string().optional()).describe(
    'For a bearer token from Entra ID by client credentials.',
  ),
  MS4_CLIENT_SECRET_EXPIRES: moment()
    .optional()
    .describe('When the client secret, token or API key ends: to be told of it in time.'),
  MS4_TENANT_ID: z
    .guid('must be a GUID')
    .optional()
    .describe('Tenant of MS4, with the client secret.'),
  MS4_CLIENT_ID: z
    .guid('must be a GUID')
    .optional()
    .describe('Client id of our app registration for MS4, with the client secret.'),
  MS4_SCOPE: z
    .string()
    .regex(/^\S+\/\.default$/, 'must end with /.default')
    .optional()
    .describe(
      "Scope of MS4's app registration, such as `api://ms4/.default`, with the client secret.",
    ),
  MS4_AUTHORITY_URL: secureUrl()
    .refine((value) => !value.startsWith('http:'), 'must be https')
    .default('https://login.microsoftonline.com')
    .describe('Where that token comes from.'),
  MS4_TLS_CA: secret(z.string().optional()).describe('Private CA of MS4 in PEM, best as a file.'),
  MS4_TLS_CERT: secret(z.string().optional()).describe('Our certificate in PEM, for mutual TLS.'),
  MS4_TLS_KEY: secret(z.string().optional()).describe('Key of our certificate in PEM.'),
  MS4_TIMEOUT_MS: integer(100, 300_000)
    .default(30_000)
    .describe(
      'Time for one request, from waiting for a connection to the last byte of the answer.',
    ),
};

const Ms4Config = z.object(ms4Config);
export type Ms4Config = z.infer<typeof Ms4Config>;

/** The contradictions in the configuration, each with the variable to look at. */
export function ms4Problems(config: Partial<Ms4Config>): { variable: string; message: string }[] {
  const problems: { variable: string; message: string }[] = [];
  const say = (variable: string, message: string) => problems.push({ variable, message });
  const { MS4_TOKEN, MS4_API_KEY, MS4_CLIENT_SECRET, MS4_TLS_CERT, MS4_TLS_KEY } = config;
  const headers = [MS4_TOKEN, MS4_API_KEY, MS4_CLIENT_SECRET].filter(Boolean).length;
  // One kind of header; none where the connection's certificate says who we are.
  if (headers !== 1 && (headers > 0 || !MS4_TLS_CERT)) {
    say(
      'MS4_TOKEN',
      'set exactly one of MS4_TOKEN, MS4_API_KEY and MS4_CLIENT_SECRET (or its _FILE)',
    );
  }
  if (!MS4_TLS_CERT !== !MS4_TLS_KEY) say('MS4_TLS_CERT', 'goes together with MS4_TLS_KEY');
  const entraApp = config.MS4_TENANT_ID && config.MS4_CLIENT_ID && config.MS4_SCOPE;
  if (MS4_CLIENT_SECRET && !entraApp) {
    say('MS4_CLIENT_SECRET', 'goes together with MS4_TENANT_ID, MS4_CLIENT_ID and MS4_SCOPE');
  }
  return problems;
}

/** The configured credentials for MS4: one kind of header, or none with a client certificate. */
export function ms4AuthOf(config: Ms4Config): Ms4Auth {
  const { MS4_TOKEN, MS4_API_KEY, MS4_CLIENT_SECRET } = config;
  if (MS4_TOKEN) return bearerAuth(MS4_TOKEN);
  if (MS4_API_KEY) return apiKeyAuth(MS4_API_KEY);
  if (!MS4_CLIENT_SECRET) return certificateAuth;
  return entraAuth({
    tenantId: config.MS4_TENANT_ID ?? '',
    clientId: config.MS4_CLIENT_ID ?? '',
    clientSecret: MS4_CLIENT_SECRET,
    scope: config.MS4_SCOPE ?? '',
    authorityUrl: config.MS4_AUTHORITY_URL,
  });
}

/** The private CA and our certificate, as far as they are configured. */
export function ms4TlsOf({ MS4_TLS_CA, MS4_TLS_CERT, MS4_TLS_KEY }: Ms4Config) {
  return {
    ...(MS4_TLS_CA && { ca: MS4_TLS_CA }),
    ...(MS4_TLS_CERT && { cert: MS4_TLS_CERT }),
    ...(MS4_TLS_KEY && { key: MS4_TLS_KEY }),
  };
}

/** A line break in a secret (a file with two lines) would break the header it goes into. */
function headerValue() {
  return z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');
}
