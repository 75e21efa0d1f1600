import { graphConfig, mailboxConfig } from '@ms1/graph-client';
import { integer, secret, sharedConfig } from '@ms1/runtime';
import { lookupConfig } from '@ms1/store';
import { z } from 'zod';

import { ApiTokens } from './auth/api-tokens.ts';
import { ROLES } from './auth/caller.ts';

export const Config = z.object({
  ...sharedConfig(8085),
  /** loopback by default: the console is for operators, behind whatever lets them in */
  OPS_CONSOLE_HOST: z.string().default('127.0.0.1'),
  OPS_CONSOLE_PORT: integer(0, 65_535).default(3000),
  /** of the login page; sessions are signed with it, so a new password ends them all */
  OPS_CONSOLE_PASSWORD: secret(
    z.string('set it to the password of the login page').min(8, 'must have at least 8 characters'),
  ),
  /** what whoever logs in with the password may do */
  OPS_CONSOLE_PASSWORD_ROLE: z.enum(ROLES).default('operator'),
  /** bearer token of the API with the role admin; more, with other roles, in OPS_CONSOLE_TOKENS */
  OPS_CONSOLE_TOKEN: secret(
    z.string('set it to the bearer token of the API').min(16, 'must have at least 16 characters'),
  ),
  /** bearer tokens by name, role and SHA-256 */
  OPS_CONSOLE_TOKENS: secret(ApiTokens.optional()),
  ...lookupConfig,
  GRAPH_TENANT_ID: graphConfig.GRAPH_TENANT_ID,
  ...mailboxConfig,
});
export type Config = z.infer<typeof Config>;
