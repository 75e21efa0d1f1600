import { apiKeyAuth, bearerAuth, certificateAuth, entraAuth, type Ms4Auth } from '@ms1/ms4-client';

import type { Config } from './config.ts';

/** What the configuration says we are known by: one kind of header, and a certificate or none. */
export function ms4Auth(config: Config): Ms4Auth {
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
export function ms4Tls({ MS4_TLS_CA, MS4_TLS_CERT, MS4_TLS_KEY }: Config) {
  return {
    ...(MS4_TLS_CA && { ca: MS4_TLS_CA }),
    ...(MS4_TLS_CERT && { cert: MS4_TLS_CERT }),
    ...(MS4_TLS_KEY && { key: MS4_TLS_KEY }),
  };
}
