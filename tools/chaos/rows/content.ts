import type { ChaosFleet } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { fuzzedMail } from '../content/fuzzed-mail.ts';
import { HAND_PICKED } from '../content/hand-picked-mail.ts';
import type { MailProperties } from '../content/mail-properties.ts';
import { sharedMail } from '../content/shared-mail.ts';
import { within } from './process-waiting.ts';
import { putMail } from './simulated-mail.ts';

const SOON_MS = 15_000;
const FUZZED = 300;

/** What is in a mail: C1 to C5, C9. That it is in MS4 as it was is for the audit (I3), which compares all of it. */
export const CONTENT: readonly ChaosRow[] = [
  {
    id: 'C3',
    about: 'fuzzed mail: NUL, halves of pairs, right to left, hostile names',
    recoveryMs: SOON_MS,
    inject: (fleet, dice, signal) =>
      put(fleet, fuzzedMail(FUZZED, dice.between(1, 1_000_000)), signal),
  },
  {
    id: 'C4',
    about: 'long subjects, 1,000 recipients, nothing at all, 400 files, one Message-ID twice',
    recoveryMs: SOON_MS,
    inject: (fleet, _dice, signal) => put(fleet, HAND_PICKED, signal),
  },
  {
    id: 'C5',
    about: 'the same mail in every mailbox: a record each',
    recoveryMs: SOON_MS,
    async inject(fleet) {
      const properties = { subject: 'to all', internetMessageId: '<all@example.com>' };
      for (const mailboxId of fleet.mailboxes) await putMail(fleet, mailboxId, properties);
      return `one mail in ${fleet.mailboxes.length} mailboxes`;
    },
  },
  {
    id: 'C2',
    about: 'real mails and invoices of the folder beside the checkout, where there is one',
    recoveryMs: SOON_MS,
    async inject(fleet, _dice, signal) {
      const mail = sharedMail();
      return mail.length === 0 ? 'there is no such folder' : put(fleet, mail, signal);
    },
  },
  {
    id: 'C9',
    about: 'a job that cannot be read among good ones',
    recoveryMs: SOON_MS,
    async inject({ redis: { admin } }, dice, signal) {
      const ids: string[] = [];
      for (const queue of ['inbound', 'outbound']) {
        const base = `{ms1}:${queue}`;
        const id = `m-unreadable-${dice.between(1, 1_000_000)}`;
        const job = { name: 'x', data: '{"v":', opts: '{}', timestamp: Date.now(), delay: 0 };
        await admin.hset(`${base}:${id}`, { ...job, priority: 0 });
        await admin.lpush(`${base}:wait`, id);
        await admin.zadd(`${base}:marker`, 0, '0');
        const isDead = async (): Promise<boolean> =>
          (await admin.zscore(`${base}:failed`, id)) !== null;
        await within(30_000, `${id} of ${queue} is a dead letter`, isDead, signal);
        await admin.zrem(`${base}:failed`, id);
        await admin.del(`${base}:${id}`);
        ids.push(queue);
      }
      return `a job without readable data on ${ids.join(' and ')} was a dead letter`;
    },
  },
];

/** Puts mail in, by turns into each mailbox, every other one announced. */
async function put(
  fleet: ChaosFleet,
  mail: readonly MailProperties[],
  signal: AbortSignal,
): Promise<string> {
  for (const [n, properties] of mail.entries()) {
    signal.throwIfAborted();
    const mailboxId = fleet.mailboxes[n % fleet.mailboxes.length] ?? '';
    await putMail(fleet, mailboxId, properties, { announced: n % 2 === 0 });
  }
  return `${mail.length} messages`;
}
