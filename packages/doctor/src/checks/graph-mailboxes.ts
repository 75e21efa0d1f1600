import {
  GraphForbiddenError,
  GraphMailboxError,
  GraphNotFoundError,
  GraphThrottledError,
} from '@ms1/graph-client';

import type { Check } from '../check.ts';
import type { ReadMailbox, TenantAccess } from '../installation.ts';
import { reasonOf } from '../reason-of.ts';

/** Lines that name a folder each; more help nobody. */
const DETAILS_MAX = 20;
/**
 * Calls at a time over all mailboxes; each mailbox takes 4 (docs/graph-contract.md#throttling), and the fleet is at
 * work.
 */
const CALLS = 8;

interface Trouble {
  line: string;
  remedy: string;
  /** it may be over by itself */
  passing: boolean;
}

export const graphMailboxes: Check = {
  name: 'graph.mailboxes',
  about: 'every mailbox can be read, and every folder in it exists',
  // 1,000 folders at 100 ms, 8 at a time, are 13 s.
  deadlineMs: 60_000,
  async run(installation, signal) {
    const tenants = new Map(
      (await installation.entered()).map((tenant) => [tenant.tenantId, tenant]),
    );
    const mailboxes = await installation.mailboxes();
    if (mailboxes.length === 0) {
      return {
        status: 'fail',
        seen: 'there is no mailbox',
        remedy: 'name the mailboxes in MAILBOXES, or add them with ms1 mailboxes add',
      };
    }
    const folders = mailboxes.flatMap((mailbox) =>
      mailbox.folders.map((folderId) => ({ mailbox, folderId })),
    );
    const troubles: Trouble[] = [];
    const waiting = folders.values();
    const look = async (): Promise<void> => {
      for (const { mailbox, folderId } of waiting) {
        const trouble = await probe(tenants, mailbox, folderId, signal);
        if (trouble) troubles.push(trouble);
      }
    };
    await Promise.all(Array.from({ length: CALLS }, look));
    const all = `${mailboxes.length} mailboxes, ${folders.length} folders`;
    if (troubles.length === 0) return { status: 'ok', seen: `${all}: all can be read` };
    const details = troubles.map(({ line }) => line).toSorted();
    return {
      status: troubles.every(({ passing }) => passing) ? 'warn' : 'fail',
      seen: `${troubles.length} of ${folders.length} folders cannot be read`,
      remedy: [...new Set(troubles.map(({ remedy }) => remedy))].join('; '),
      details: [
        ...details.slice(0, DETAILS_MAX),
        ...(details.length > DETAILS_MAX ? [`and ${details.length - DETAILS_MAX} more`] : []),
      ],
    };
  },
};

async function probe(
  tenants: ReadonlyMap<string, TenantAccess>,
  { tenantId, mailboxId }: ReadMailbox,
  folderId: string,
  signal: AbortSignal,
): Promise<Trouble | null> {
  const line = (what: string): string => `mailbox ${mailboxId}, folder ${folderId}: ${what}`;
  const tenant = tenants.get(tenantId);
  if (!tenant) {
    const remedy = 'configure the tenant of each mailbox, or remove the mailbox';
    return { line: line('no credential for its tenant'), remedy, passing: false };
  }
  try {
    await tenant.graph.folders.probe({ mailboxId, folderId }, signal);
    return null;
  } catch (error) {
    return { line: line(reasonOf(error)), ...remedyFor(error) };
  }
}

function remedyFor(error: unknown): Pick<Trouble, 'remedy' | 'passing'> {
  if (error instanceof GraphForbiddenError) {
    return {
      remedy:
        'put the mailbox into the scope of the RBAC role assignment (or of the application access policy); that takes 30 minutes to 2 hours to apply',
      passing: false,
    };
  }
  if (error instanceof GraphNotFoundError) {
    return {
      remedy: 'name a folder that exists in MAILBOX_FOLDERS or with ms1 mailboxes change',
      passing: false,
    };
  }
  if (error instanceof GraphMailboxError) {
    return {
      remedy:
        'give the object id of a mailbox that is in Exchange Online and has a licence or is shared',
      passing: false,
    };
  }
  const passing = error instanceof GraphThrottledError;
  return { remedy: 'run ms1 doctor --only graph.mailboxes again in a minute', passing };
}
