import { GraphForbiddenError, GraphMailboxError, GraphNotFoundError } from '@ms1/graph-client';

import { type Check, type Finding, NotCheckableError } from '../check.ts';
import { reasonOf } from '../reason-of.ts';

export const graphCanary: Check = {
  name: 'graph.canary',
  about: 'a mailbox outside of the allowed ones cannot be read',
  async run(installation, signal) {
    const mailboxId =
      installation.canary ?? installation.settings.get('doctor').DOCTOR_CANARY_MAILBOX;
    if (mailboxId === undefined) {
      throw new NotCheckableError('no canary is set, a mailbox that must not be readable', {
        remedy:
          'set DOCTOR_CANARY_MAILBOX (or --canary) to the object id of any mailbox that is not for invoices',
      });
    }
    const ours = await installation.mailboxes();
    if (ours.some((mailbox) => mailbox.mailboxId === mailboxId)) {
      return {
        status: 'fail',
        seen: 'the canary is one of the mailboxes that are read',
        remedy: 'set DOCTOR_CANARY_MAILBOX to a mailbox that is not for invoices',
      };
    }
    const tenants = await installation.entered();
    const findings = await Promise.all(
      tenants.map(({ graph }) =>
        graph.folders.probe({ mailboxId, folderId: 'inbox' }, signal).then(
          () => WIDE,
          (error: unknown) => judge(error),
        ),
      ),
    );
    // With several tenants the mailbox is in one of them, and the others do not know it.
    return (
      findings.find(({ status }) => status === 'fail') ??
      findings.find(({ status }) => status === 'ok') ??
      findings[0] ??
      WIDE
    );
  },
};

const WIDE: Finding = {
  status: 'fail',
  seen: 'a mailbox outside of the allowed ones can be read: the grant covers the whole tenant',
  remedy:
    'scope the app with RBAC for Applications (New-ServicePrincipal, New-ManagementScope, New-ManagementRoleAssignment -Role "Application Mail.Read") and then remove the Mail.Read grant in Entra ID: grants add up, so the scope does nothing beside it. It takes 30 minutes to 2 hours to apply; Test-ServicePrincipalAuthorization shows it at once',
};

function judge(error: unknown): Finding {
  if (error instanceof GraphForbiddenError) {
    return { status: 'ok', seen: `it is refused (403 ${error.graphCode})` };
  }
  if (error instanceof GraphMailboxError || error instanceof GraphNotFoundError) {
    return {
      status: 'warn',
      seen: `there is no such mailbox (404 ${error.graphCode}): this proves nothing`,
      remedy: 'set DOCTOR_CANARY_MAILBOX to the object id of a mailbox that exists',
    };
  }
  return {
    status: 'warn',
    seen: `Graph gave no verdict: ${reasonOf(error)}`,
    remedy: 'run ms1 doctor --only graph.canary again in a minute',
  };
}
