import {
  credentialsProblem,
  governorConfig,
  graphConfig,
  limitsProblem,
  mailboxConfig,
} from '@ms1/graph-client';
import { lookupConfig } from '@ms1/ledger';
import { payloadConfig } from '@ms1/queue';
import { redisConfig } from '@ms1/redis';
import { integer, sharedConfig } from '@ms1/runtime';
import { z } from 'zod';

import { alertConfig } from './alerts/alert-config.ts';
import { accessConfig, accessProblems } from './auth/access-config.ts';

export const Config = z
  .object({
    ...sharedConfig(8085),
    ...redisConfig,
    // Loopback by default: the console is for operators, behind whatever lets them in.
    OPS_CONSOLE_HOST: z.string().default('127.0.0.1').describe('Where the console listens.'),
    OPS_CONSOLE_PORT: integer(0, 65_535).default(3000).describe('Port of the console.'),
    ...accessConfig,
    ...alertConfig,
    ...lookupConfig,
    ...payloadConfig,
    /** to read single messages for people; the tenant is also that of MAILBOXES, and of a mailbox that is added without */
    ...graphConfig,
    ...governorConfig,
    ...mailboxConfig,
  })
  .check(
    z.superRefine(
      (config, context) => {
        for (const [variable, message] of accessProblems(config)) {
          context.addIssue({ code: 'custom', message, path: [variable] });
        }
        const problem = readsMail(config) && (credentialsProblem(config) ?? limitsProblem(config));
        if (problem) context.addIssue({ code: 'custom', message: problem, path: [] });
        if (config.MAILBOXES !== undefined && config.GRAPH_TENANT_ID === undefined) {
          const message = 'set it to the tenant id of MAILBOXES, a GUID';
          context.addIssue({ code: 'custom', message, path: ['GRAPH_TENANT_ID'] });
        }
      },
      // Also when other variables are wrong: all problems are told at once.
      { when: () => true },
    ),
  );
export type Config = z.infer<typeof Config>;

/**
 * Whether it reads single messages for people: somebody may see what is in mail, and it was given a credential. An
 * identity that the platform gives to every pod counts with the app's id only.
 */
export function readsMail(config: Pick<Config, keyof typeof graphConfig | 'OPS_CONSOLE_PII_ROLE'>) {
  const { GRAPH_CLIENT_ID, GRAPH_CLIENT_SECRET, GRAPH_CLIENT_CERTIFICATE } = config;
  const proof =
    GRAPH_CLIENT_SECRET ?? GRAPH_CLIENT_CERTIFICATE ?? config.AZURE_FEDERATED_TOKEN_FILE;
  return (
    config.OPS_CONSOLE_PII_ROLE !== 'none' &&
    [
      GRAPH_CLIENT_ID && proof,
      config.GRAPH_MANAGED_IDENTITY,
      config.GRAPH_TENANTS_FILE,
      config.GRAPH_STATIC_TOKEN,
    ].some(Boolean)
  );
}
