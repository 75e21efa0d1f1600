import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '@ms1/runtime';
import { createAuthority } from '@ms1/testkit';
import { z } from 'zod';

import { type GraphConfig, graphConfig } from '../graph-config.ts';
import { mailboxSeed } from '../mailbox-config.ts';
import { credentialsProblem, graphTenants } from './graph-tenants.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const OTHER = '99999999-9999-4999-8999-999999999999';
const CLIENT = '22222222-2222-4222-8222-222222222222';
const MAILBOX = '33333333-3333-4333-8333-333333333333';
const SECRET = 'a-secret-of-the-test';
const folder = mkdtempSync(join(tmpdir(), 'tenants-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pair = createAuthority('a').issue('app', 'rsa');
const fileOf = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const configOf = (given: Record<string, string>): GraphConfig => z.object(graphConfig).parse(given);
const ONE = { GRAPH_TENANT_ID: TENANT, GRAPH_CLIENT_ID: CLIENT };
const problem = (given: Record<string, string>) => credentialsProblem(configOf(given));

describe('one tenant by variables', () => {
  test.each([
    ['global', 'login.microsoftonline.com', 'graph.microsoft.com'],
    ['usgov', 'login.microsoftonline.us', 'graph.microsoft.us'],
    ['dod', 'login.microsoftonline.us', 'dod-graph.microsoft.us'],
    ['china', 'login.chinacloudapi.cn', 'microsoftgraph.chinacloudapi.cn'],
  ])(
    'of the cloud %s asks %s for tokens of %s, by name or by Graph host',
    (GRAPH_CLOUD, authority, graph) => {
      const baseUrl = `https://${graph}/v1.0`;
      for (const given of [{ GRAPH_CLOUD }, { GRAPH_BASE_URL: baseUrl }]) {
        expect(graphTenants(configOf({ ...ONE, GRAPH_CLIENT_SECRET: SECRET, ...given }))).toEqual([
          {
            tenantId: TENANT,
            baseUrl,
            authorityUrl: `https://${authority}`,
            scope: `https://${graph}/.default`,
            credential: { kind: 'secret', clientId: CLIENT, secret: SECRET },
          },
        ]);
      }
    },
  );

  test.each([
    [
      { GRAPH_CLIENT_CERTIFICATE: pair.cert, GRAPH_CLIENT_CERTIFICATE_KEY: pair.key },
      'certificate',
    ],
    [{ GRAPH_MANAGED_IDENTITY: 'system' }, 'managedIdentity'],
    [{ AZURE_FEDERATED_TOKEN_FILE: '/var/run/token' }, 'federated'],
    // AKS sets it in every container of a labelled pod: what a person says counts more.
    [{ AZURE_FEDERATED_TOKEN_FILE: '/var/run/token', GRAPH_CLIENT_SECRET: SECRET }, 'secret'],
  ])('may prove itself with %j', (given, kind) => {
    expect(problem({ ...ONE, ...given })).toBeUndefined();
    expect(graphTenants(configOf({ ...ONE, ...given }))[0]?.credential.kind).toBe(kind);
  });

  test.each([
    [{}, /GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET must both be set/],
    [{ GRAPH_TENANT_ID: '', GRAPH_CLIENT_SECRET: SECRET }, /GRAPH_TENANT_ID is not set/],
    [
      { GRAPH_CLIENT_SECRET: SECRET, GRAPH_MANAGED_IDENTITY: 'system' },
      /GRAPH_CLIENT_SECRET and GRAPH_MANAGED_IDENTITY are both set/,
    ],
    [{ GRAPH_CLIENT_CERTIFICATE: pair.cert }, /must both be set/],
    [{ GRAPH_CLIENT_CERTIFICATE: 'x', GRAPH_CLIENT_CERTIFICATE_KEY: pair.key }, /not PEM/],
    [
      {
        GRAPH_CLIENT_CERTIFICATE: pair.cert,
        GRAPH_CLIENT_CERTIFICATE_KEY: createAuthority('b').issue('x', 'rsa').key,
      },
      /the key is not that of the certificate/,
    ],
    [
      { GRAPH_STATIC_TOKEN: SECRET },
      /GRAPH_STATIC_TOKEN is for a GRAPH_BASE_URL on loopback or in TRUSTED_NETWORK only/,
    ],
    [
      {
        GRAPH_CLIENT_SECRET: SECRET,
        GRAPH_CLOUD: 'china',
        GRAPH_BASE_URL: 'https://graph.microsoft.us/v1.0',
      },
      /is of the cloud usgov, GRAPH_CLOUD says china/,
    ],
  ])('is refused when the variables contradict: %#', (given, sentence) => {
    const config = Object.fromEntries(
      Object.entries({ ...ONE, ...given }).filter(([, value]) => value !== ''),
    );
    const text = problem(config);
    expect(text).toMatch(sentence);
    expect(text).not.toContain(SECRET);
  });
});

test.each(['http://graph.example/v1.0', 'https://user:secret@graph.microsoft.com/v1.0'])(
  'nothing is asked of Graph at %s',
  (GRAPH_BASE_URL) => {
    const load = () => loadConfig(z.object(graphConfig), { GRAPH_BASE_URL });
    expect(load).toThrow(/^GRAPH_BASE_URL: it must [^\n]*$/);
    expect(load).not.toThrow('secret');
  },
);

describe('GRAPH_TENANTS_FILE', () => {
  const entry = (tenantId: string, changes: object = {}) => ({
    tenantId,
    clientId: CLIENT,
    credential: { clientSecret: SECRET },
    ...changes,
  });
  const load = (content: unknown) =>
    z
      .object(graphConfig)
      .safeParse({ GRAPH_TENANTS_FILE: fileOf('tenants.json', JSON.stringify(content)) });

  test('names tenants with their own cloud, credential and mailboxes', () => {
    const certificate = {
      certificateFile: fileOf('cert.pem', pair.cert),
      keyFile: fileOf('key.pem', pair.key),
    };
    const { data } = load([
      entry(TENANT, { mailboxes: [{ id: MAILBOX, label: 'Invoices', folders: ['scans'] }] }),
      entry(OTHER, { cloud: 'dod', credential: { certificate } }),
    ]);
    const config = data as GraphConfig;
    expect(credentialsProblem(config)).toBeUndefined();
    expect(
      graphTenants(config).map(({ tenantId, baseUrl, credential }) => [
        tenantId,
        baseUrl,
        credential.kind,
      ]),
    ).toEqual([
      [TENANT, 'https://graph.microsoft.com/v1.0', 'secret'],
      [OTHER, 'https://dod-graph.microsoft.us/v1.0', 'certificate'],
    ]);
    expect(mailboxSeed({ ...config, MAILBOX_FOLDERS: ['inbox'] })).toEqual([
      { tenantId: TENANT, mailboxId: MAILBOX, label: 'Invoices', folders: ['scans'], rules: {} },
    ]);
  });

  test('tells all that is wrong with it at once, by place, without a value', () => {
    const { error } = load([
      entry('contoso', { cloud: 'mars' }),
      entry(TENANT, { credential: { clientSecret: SECRET, managedIdentity: 'system' } }),
      entry(OTHER, { credential: { staticToken: SECRET } }),
      entry(OTHER, { clientId: undefined, mailboxes: [{ id: MAILBOX }, { id: 'x', foldrs: [] }] }),
      entry(CLIENT, { credential: { clientSecretFile: join(folder, 'none') } }),
    ]);
    const messages = error?.issues.map(({ message }) => message).join('\n') ?? '';
    for (const place of [
      '0.tenantId',
      '0.cloud',
      '3.mailboxes.1.id',
      '4.credential.clientSecretFile',
    ]) {
      expect(messages).toContain(place);
    }
    expect(messages).not.toContain(SECRET);
  });

  test.each([
    [
      [entry(TENANT, { credential: { clientSecret: SECRET, managedIdentity: 'system' } })],
      /0.credential must have exactly one/,
    ],
    [[entry(TENANT, { credential: {} })], /0.credential must have exactly one/],
    [[entry(TENANT, { clientId: undefined })], /0.clientId is needed/],
    [[entry(TENANT, { credential: { staticToken: SECRET } })], /loopback only/],
    [[entry(TENANT, { baseUrl: 'https://evil.example/v1.0' })], /0.baseUrl is for loopback only/],
    [[entry(TENANT), entry(TENANT)], /1.tenantId is there twice/],
    [
      [entry(TENANT, { mailboxes: [{ id: MAILBOX }, { id: MAILBOX }] })],
      /0.mailboxes.1.id is there twice/,
    ],
    [[], /at least one tenant/],
  ])('is refused when it contradicts itself: %#', (content, sentence) => {
    const messages = load(content)
      .error?.issues.map(({ message }) => message)
      .join('\n');
    expect(messages).toMatch(sentence);
    expect(messages).not.toContain(SECRET);
  });

  test('does not quote itself when it is not JSON, and says when it is not there', () => {
    const wrong = (path: string) =>
      z.object(graphConfig).safeParse({ GRAPH_TENANTS_FILE: path }).error?.issues[0]?.message;
    expect(wrong(fileOf('broken.json', `{"secret": "${SECRET}`))).toBe('is not JSON');
    expect(wrong(join(folder, 'nowhere.json'))).toBe('cannot be read (ENOENT)');
  });

  test('stands alone: variables that say the same are refused beside it', () => {
    const GRAPH_TENANTS_FILE = fileOf('one.json', JSON.stringify([entry(TENANT)]));
    expect(problem({ GRAPH_TENANTS_FILE, GRAPH_CLIENT_SECRET: SECRET })).toMatch(
      /GRAPH_TENANTS_FILE replaces these: unset GRAPH_CLIENT_SECRET/,
    );
  });
});
