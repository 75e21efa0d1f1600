import { randomBytes } from 'node:crypto';

import { callJson } from '../tools/fleet/call-json.ts';
import type { RunningFleet } from './running-fleet.ts';

/** What a mail's personal fields hold, each a text that stands nowhere else. */
export interface CanaryMail {
  readonly properties: object;
  readonly canaries: readonly string[];
}

/**
 * @param word the subject begins with it: what MS4 is to refuse it by
 */
export function canaryMail(word = ''): CanaryMail {
  const mark = randomBytes(6).toString('hex');
  const person = (role: string) => ({
    name: `Kanaria-${role}-${mark}`,
    address: `canary.${role}.${mark}@example.com`,
  });
  const [from, to, cc] = [person('from'), person('to'), person('cc')];
  const subject = `Canarysubject ${mark}`;
  const bodyPreview = `Canarypreview ${mark}`;
  const name = `canary-file-${mark}.pdf`;
  return {
    properties: {
      subject: `${word} ${subject}`.trim(),
      from,
      to: [to],
      cc: [cc],
      bodyPreview,
      attachments: [{ name }],
    },
    canaries: [subject, bodyPreview, name, ...[from, to, cc].flatMap((one) => Object.values(one))],
  };
}

/** Lets such mails arrive in a mailbox; without a word about it, the poller finds them. */
export async function deliver(
  { simulator, secrets }: RunningFleet,
  mailboxId: string,
  mails: readonly CanaryMail[],
  announced = true,
): Promise<void> {
  for (const { properties } of mails) {
    await callJson(`${simulator.baseUrl}/control/mailboxes/${mailboxId}/messages`, {
      method: 'POST',
      token: secrets['simulatorToken'] ?? '',
      body: { op: 'inject', properties, announced },
    });
  }
}
