import { messageKeyOf } from '../audit/message-key.ts';
import type { ChaosFleet } from '../chaos-fleet.ts';
import { within } from './process-waiting.ts';

export interface PutMail {
  readonly mailboxId: string;
  readonly messageId: string;
}

/** One message of the row's own in an inbox; Graph tells of it unless `announced` is false. */
export async function putMail(
  fleet: Pick<ChaosFleet, 'control'>,
  mailboxId: string,
  properties: object,
  more: { readonly announced?: boolean; readonly receivedAt?: string } = {},
): Promise<PutMail> {
  const operation = { op: 'inject', properties, ...more };
  const path = `mailboxes/${mailboxId}/messages`;
  const { messageId } = await fleet.control<{ messageId: string }>(path, operation);
  return { mailboxId, messageId };
}

/** Messages with this subject, spread over the mailboxes. */
export async function putPoison(
  fleet: ChaosFleet,
  count: number,
  subject = 'a POISON of a subject',
): Promise<PutMail[]> {
  const put: PutMail[] = [];
  for (let n = 0; n < count; n += 1) {
    put.push(await putMail(fleet, fleet.mailboxes[n % fleet.mailboxes.length] ?? '', { subject }));
  }
  return put;
}

/** Waits until each is a dead letter of `outbound`, by BullMQ's own list. */
export async function allDead(
  fleet: ChaosFleet,
  mail: readonly PutMail[],
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const { tenantId } = await fleet.control<{ tenantId: string }>('status');
  const ids = mail.map(
    ({ mailboxId, messageId }) => `m-${messageKeyOf([tenantId, mailboxId, messageId])}`,
  );
  const areDead = async (): Promise<boolean> => {
    const scores = await Promise.all(
      ids.map((id) => fleet.redis.admin.zscore('{ms1}:outbound:failed', id)),
    );
    return scores.every((score) => score !== null);
  };
  await within(ms, `${mail.length} poisoned messages are dead letters`, areDead, signal);
}
