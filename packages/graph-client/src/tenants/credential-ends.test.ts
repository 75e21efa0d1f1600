import { X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { selfSigned } from '@ms1/testkit';

import type { GraphConfig } from '../graph-config.ts';
import { credentialEnds } from './credential-ends.ts';

const config = (more: object): GraphConfig =>
  ({ GRAPH_TENANT_ID: 't', GRAPH_CLIENT_ID: 'c', ...more }) as GraphConfig;

test('a certificate says by itself when it ends', () => {
  const { cert, key } = selfSigned('ours', 'rsa');
  const given = { GRAPH_CLIENT_CERTIFICATE: cert, GRAPH_CLIENT_CERTIFICATE_KEY: key };
  const at = Date.parse(new X509Certificate(cert).validTo);
  expect(at).toBeGreaterThan(0);
  expect(credentialEnds(config(given))).toEqual([at]);
});

test('a secret ends when somebody says so, and an identity of the platform does not', () => {
  const secret = { GRAPH_CLIENT_SECRET: 's' };
  const at = Date.parse('2027-01-31');
  expect(credentialEnds(config({ ...secret, GRAPH_CLIENT_SECRET_EXPIRES: at }))).toEqual([at]);
  expect(credentialEnds(config(secret))).toEqual([]);
  expect(credentialEnds(config({ GRAPH_MANAGED_IDENTITY: 'system' }))).toEqual([]);
});
