import { type Check, NotCheckableError } from '../check.ts';
import type { Installation, TenantAccess } from '../installation.ts';

/** All that is needed, and all that there may be (docs/graph-contract.md#permissions). */
const NEEDED = 'Mail.Read';

export const graphPermissions: Check = {
  name: 'graph.permissions',
  about: 'the application may read mail and nothing else',
  async run(installation, signal) {
    const tenants = await installation.entered();
    const found = await Promise.all(
      tenants.map(async (tenant) => ({ tenant, roles: rolesOf(await tenant.tokens.token()) })),
    );
    const extra = found.flatMap(({ roles }) => roles.filter((role) => role !== NEEDED));
    if (extra.length > 0) {
      return {
        status: 'fail',
        seen: `the token also carries ${[...new Set(extra)].toSorted().join(', ')}`,
        remedy: `remove every application permission but ${NEEDED} from the app registration in Entra ID: this service only reads, and a stolen credential could do the rest`,
      };
    }
    const without = found.filter(({ roles }) => !roles.includes(NEEDED));
    if (without.length === 0) return { status: 'ok', seen: `the token's roles are ${NEEDED}` };
    const reads = await Promise.all(
      without.map(({ tenant }) => readsMail(installation, tenant, signal)),
    );
    if (reads.every(Boolean)) {
      return {
        status: 'ok',
        seen: 'the token carries no role and mail can be read: RBAC for Applications grants it',
      };
    }
    return {
      status: 'fail',
      seen: `the token does not carry ${NEEDED}, and mail cannot be read without`,
      remedy:
        'grant "Application Mail.Read" by RBAC for Applications, scoped to the invoice mailboxes; or add the application permission Mail.Read in Entra ID with admin consent, and limit it. Either takes 30 minutes to 2 hours to apply',
    };
  },
};

/** With RBAC for Applications the grant lies in Exchange, and no token shows it. */
async function readsMail(
  installation: Installation,
  { tenantId, graph }: TenantAccess,
  signal: AbortSignal,
): Promise<boolean> {
  const first = (await installation.mailboxes()).find((mailbox) => mailbox.tenantId === tenantId);
  if (!first) return false;
  const { mailboxId } = first;
  return graph.folders.probe({ mailboxId, folderId: 'inbox' }, signal).then(
    () => true,
    () => false,
  );
}

/** The claim is read and not verified: Graph does that, and here it only says what we were given. */
function rolesOf(token: string): string[] {
  const [, payload = ''] = token.split('.');
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const roles = (claims as { roles?: unknown }).roles ?? [];
    if (Array.isArray(roles)) return roles.map(String);
  } catch {
    // Below.
  }
  throw new NotCheckableError('the token cannot be decoded: GRAPH_STATIC_TOKEN of a simulator');
}
