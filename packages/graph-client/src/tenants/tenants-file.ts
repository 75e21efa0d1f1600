import { readFileSync } from 'node:fs';
import { MailboxSettings } from '@ms1/contracts';
import { isOwn, secureUrl } from '@ms1/runtime';
import { z } from 'zod';

import { CLOUD_NAMES, CLOUDS } from '../auth/clouds.ts';
import type { Credential, GraphTenant } from '../auth/credential.ts';
import { certificateProblem } from './certificate-problem.ts';

const Guid = z.guid('must be a GUID').toLowerCase();
const Text = z.string().min(1);

/** A file's content, at the time the process starts. */
const FileContent = Text.transform((path, context) => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    context.addIssue(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return z.NEVER;
  }
});

const Certificate = z
  .strictObject({ certificateFile: FileContent, keyFile: FileContent })
  .superRefine(({ certificateFile, keyFile }, context) => {
    const problem = certificateProblem(certificateFile, keyFile);
    if (problem) context.addIssue(problem);
  });

/** Exactly one of these. */
const CredentialEntry = z.strictObject({
  clientSecret: Text.optional(),
  clientSecretFile: FileContent.optional(),
  certificate: Certificate.optional(),
  federatedTokenFile: Text.optional(),
  /** `system`, or the client id of a user-assigned one */
  managedIdentity: z.union([z.literal('system'), Guid]).optional(),
  staticToken: Text.optional(),
});

const Mailbox = MailboxSettings.omit({ tenantId: true, mailboxId: true }).partial().extend({
  id: Guid,
});

const Tenant = z
  .strictObject({
    tenantId: Guid,
    cloud: z.enum(CLOUD_NAMES).default('global'),
    /** a simulator on loopback, with the version */
    baseUrl: secureUrl().optional(),
    clientId: Guid.optional(),
    credential: CredentialEntry,
    mailboxes: z.array(Mailbox).default([]),
  })
  .superRefine(({ baseUrl, clientId, credential }, context) => {
    const given = Object.values(credential).filter((value) => value !== undefined).length;
    const issue = (message: string, ...path: string[]): void =>
      context.addIssue({ code: 'custom', message, path });
    if (given !== 1) issue('must have exactly one entry', 'credential');
    if (!clientId && !credential.managedIdentity && !credential.staticToken) {
      issue('is needed with this credential', 'clientId');
    }
    const local = baseUrl !== undefined && isOwn(baseUrl);
    if (baseUrl !== undefined && !local) issue('is for loopback only: set cloud', 'baseUrl');
    if (credential.staticToken && !local) {
      issue('is for a baseUrl on loopback only', 'credential', 'staticToken');
    }
  });

const Tenants = z
  .array(Tenant)
  .min(1, 'must name at least one tenant')
  .superRefine((tenants, context) => {
    const seen = new Set<string>();
    const once = (id: string, path: (string | number)[]): void => {
      if (seen.has(id)) context.addIssue({ code: 'custom', message: 'is there twice', path });
      seen.add(id);
    };
    for (const [index, { tenantId, mailboxes }] of tenants.entries()) {
      once(tenantId, [index, 'tenantId']);
      for (const [at, { id }] of mailboxes.entries()) once(id, [index, 'mailboxes', at, 'id']);
    }
  });
type TenantEntry = z.infer<typeof Tenant>;

type FileMailbox = z.infer<typeof Mailbox>;

/** A tenant of the file, and the mailboxes it names; their folders are undefined where it names none. */
export interface FileTenant {
  tenant: GraphTenant;
  mailboxes: FileMailbox[];
}

/**
 * GRAPH_TENANTS_FILE: the path of a JSON file with all tenants. What is wrong with it is told all at
 * once, by its place and never by its value.
 */
export const TenantsFile = FileContent.transform((text, context): FileTenant[] => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own words quote the file, which holds secrets.
    context.addIssue('is not JSON');
    return z.NEVER;
  }
  const parsed = Tenants.safeParse(json);
  if (parsed.success) return parsed.data.map(toFileTenant);
  for (const { path, message } of parsed.error.issues) {
    context.addIssue(`${path.join('.') || 'the list of tenants'} ${message}`);
  }
  return z.NEVER;
});

function toFileTenant(entry: TenantEntry): FileTenant {
  const { authority, graph } = CLOUDS[entry.cloud];
  return {
    tenant: {
      tenantId: entry.tenantId,
      baseUrl: entry.baseUrl ?? `${graph}/v1.0`,
      authorityUrl: authority,
      scope: `${graph}/.default`,
      credential: toCredential(entry),
    },
    mailboxes: entry.mailboxes,
  };
}

function toCredential({ clientId = '', credential }: TenantEntry): Credential {
  const { clientSecret, clientSecretFile, certificate, federatedTokenFile } = credential;
  const { managedIdentity, staticToken = '' } = credential;
  const secret = clientSecret ?? clientSecretFile;
  if (secret !== undefined) return { kind: 'secret', clientId, secret };
  if (certificate) {
    const { certificateFile, keyFile } = certificate;
    return { kind: 'certificate', clientId, certificate: certificateFile, privateKey: keyFile };
  }
  if (federatedTokenFile) return { kind: 'federated', clientId, tokenFile: federatedTokenFile };
  if (managedIdentity) {
    const identity = managedIdentity === 'system' ? null : managedIdentity;
    return { kind: 'managedIdentity', clientId: identity };
  }
  return { kind: 'static', token: staticToken };
}
