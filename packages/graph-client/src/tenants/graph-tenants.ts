import { isOwn } from '@ms1/runtime';

import { CLOUDS, type CloudName, cloudOf } from '../auth/clouds.ts';
import type { Credential, GraphTenant } from '../auth/credential.ts';
import type { GraphConfig } from '../graph-config.ts';
import { certificateProblem } from './certificate-problem.ts';

/** Variables of which at most one may say who we are. */
const KINDS = [
  'GRAPH_CLIENT_SECRET',
  'GRAPH_CLIENT_CERTIFICATE',
  'GRAPH_MANAGED_IDENTITY',
  'GRAPH_STATIC_TOKEN',
] as const;

type Given = Partial<GraphConfig> & { MAILBOXES?: unknown };

/** What is wrong with the credentials, naming the variables; undefined when nothing is. */
export function credentialsProblem(config: Given): string | undefined {
  const problems = config.GRAPH_TENANTS_FILE ? besideFile(config) : ofOneTenant(config);
  return problems.length === 0 ? undefined : problems.join('; ');
}

function besideFile(config: Given): string[] {
  const names = [
    'GRAPH_TENANT_ID',
    'GRAPH_CLIENT_ID',
    'GRAPH_BASE_URL',
    'MAILBOXES',
    ...KINDS,
  ] as const;
  const given = names.filter((name) => config[name]);
  return given.length === 0 ? [] : [`GRAPH_TENANTS_FILE replaces these: unset ${given.join(', ')}`];
}

function ofOneTenant(config: Given): string[] {
  const { GRAPH_BASE_URL = CLOUDS.global.graph, GRAPH_CLOUD, GRAPH_CLIENT_ID } = config;
  const problems: string[] = [];
  if (!config.GRAPH_TENANT_ID) {
    problems.push('GRAPH_TENANT_ID is not set: set it to the tenant id, a GUID');
  }
  // Malformed, which is told by itself.
  if (!URL.canParse(GRAPH_BASE_URL)) return problems;
  const local = isOwn(GRAPH_BASE_URL, config.TRUSTED_NETWORK);
  const named = cloudOf(GRAPH_BASE_URL);
  if (config.GRAPH_BASE_URL && GRAPH_CLOUD && named && named !== GRAPH_CLOUD) {
    problems.push(`GRAPH_BASE_URL is of the cloud ${named}, GRAPH_CLOUD says ${GRAPH_CLOUD}`);
  }
  const kinds = KINDS.filter((name) => config[name]);
  if (kinds.length > 1) problems.push(`${kinds.join(' and ')} are both set: keep one`);
  const [kind] = kinds;
  if (kind === 'GRAPH_STATIC_TOKEN') {
    if (local) return problems;
    problems.push(
      'GRAPH_STATIC_TOKEN is for a GRAPH_BASE_URL on loopback or in TRUSTED_NETWORK only: set GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET',
    );
  } else if (kind === undefined && !config.AZURE_FEDERATED_TOKEN_FILE) {
    problems.push(
      `GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET must both be set, or another credential${local ? ', or GRAPH_STATIC_TOKEN' : ''}`,
    );
  } else if (kind !== 'GRAPH_MANAGED_IDENTITY' && !GRAPH_CLIENT_ID) {
    problems.push(`GRAPH_CLIENT_ID must be set with ${kind ?? 'AZURE_FEDERATED_TOKEN_FILE'}`);
  }
  return [...problems, ...ofCertificate(config)];
}

function ofCertificate(config: Given): string[] {
  const { GRAPH_CLIENT_CERTIFICATE: certificate, GRAPH_CLIENT_CERTIFICATE_KEY: key } = config;
  if (!certificate && !key) return [];
  if (!certificate || !key) {
    return ['GRAPH_CLIENT_CERTIFICATE and GRAPH_CLIENT_CERTIFICATE_KEY must both be set'];
  }
  const problem = certificateProblem(certificate, key);
  return problem ? [`GRAPH_CLIENT_CERTIFICATE and GRAPH_CLIENT_CERTIFICATE_KEY: ${problem}`] : [];
}

/** The tenants of the configuration: those of the file, or the one that the variables name. */
export function graphTenants(config: GraphConfig): GraphTenant[] {
  if (config.GRAPH_TENANTS_FILE) return config.GRAPH_TENANTS_FILE.map(({ tenant }) => tenant);
  const { GRAPH_BASE_URL } = config;
  const cloud: CloudName =
    config.GRAPH_CLOUD ?? (GRAPH_BASE_URL ? cloudOf(GRAPH_BASE_URL) : undefined) ?? 'global';
  const { authority, graph } = CLOUDS[cloud];
  return [
    {
      tenantId: config.GRAPH_TENANT_ID ?? '',
      baseUrl: GRAPH_BASE_URL ?? `${graph}/v1.0`,
      authorityUrl: authority,
      scope: `${graph}/.default`,
      credential: credentialOf(config),
    },
  ];
}

function credentialOf(config: GraphConfig): Credential {
  const { GRAPH_STATIC_TOKEN: token, GRAPH_CLIENT_ID: clientId = '' } = config;
  const { GRAPH_CLIENT_SECRET: secret, GRAPH_MANAGED_IDENTITY: identity } = config;
  const { GRAPH_CLIENT_CERTIFICATE: certificate, GRAPH_CLIENT_CERTIFICATE_KEY: key = '' } = config;
  if (token) return { kind: 'static', token };
  if (secret) return { kind: 'secret', clientId, secret };
  if (certificate) return { kind: 'certificate', clientId, certificate, privateKey: key };
  if (identity) {
    return { kind: 'managedIdentity', clientId: identity === 'system' ? null : identity };
  }
  return { kind: 'federated', clientId, tokenFile: config.AZURE_FEDERATED_TOKEN_FILE ?? '' };
}
