import { randomBytes } from 'node:crypto';

import type { Canary } from '../audit/evidence.ts';
import type { ChaosFleet } from '../chaos-fleet.ts';

/** Puts a mail into every mailbox whose texts exist nowhere else. */
export async function plantCanaries({
  control,
  mailboxes,
}: Pick<ChaosFleet, 'control' | 'mailboxes'>): Promise<Canary[]> {
  const canaries: Canary[] = [];
  for (const mailboxId of mailboxes) {
    const text = (what: string): string => {
      const canary = `canary${randomBytes(9).toString('hex')}`;
      canaries.push({ what: `${what} of a mail`, text: canary, everywhere: true });
      return canary;
    };
    const properties = {
      subject: `Invoice ${text('the subject')}`,
      from: { name: text('the name'), address: `${text('the address')}@example.org` },
      bodyPreview: `Dear ${text('the body')}`,
    };
    await control(`mailboxes/${mailboxId}/messages`, { op: 'inject', properties });
  }
  return canaries;
}
