import type { ChaosFleet } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { within } from './process-waiting.ts';
import { type PutMail, putMail } from './simulated-mail.ts';

const SOON_MS = 15_000;
const COUNT = 20;

/** What people do to mail while it is being read: G13, G14. */
export const GRAPH_MAIL: readonly ChaosRow[] = [
  {
    id: 'G13',
    about: 'messages are deleted before anybody has read them',
    recoveryMs: SOON_MS,
    async inject(fleet, dice) {
      for (let n = 0; n < COUNT; n += 1) {
        const { mailboxId, messageId } = await put(fleet, dice.pick(fleet.mailboxes), n);
        await fleet.control(`mailboxes/${mailboxId}/messages`, { op: 'delete', messageId });
      }
      return `${COUNT} messages deleted at once, half of them announced`;
    },
  },
  {
    id: 'G14',
    about: 'messages are moved to another folder, and some of them back, while they are read',
    recoveryMs: SOON_MS,
    async inject(fleet, dice, signal) {
      // Graph tells of what is gone only to those whose first walk has ended; after FLUSHALL nobody's has.
      const areWalked = (): Promise<boolean> => allWalked(fleet);
      await within(60_000, 'the first walk of each folder has ended', areWalked, signal);
      for (let n = 0; n < COUNT; n += 1) {
        const { mailboxId, messageId } = await put(fleet, dice.pick(fleet.mailboxes), n);
        // By fours: announced or not, and moved back or not.
        for (const folder of n % 4 < 2 ? ['archive'] : ['archive', 'inbox']) {
          await fleet.control(`mailboxes/${mailboxId}/messages`, { op: 'move', messageId, folder });
        }
      }
      return `${COUNT} messages moved, half of them back`;
    },
  },
];

async function allWalked({ redis: { admin }, mailboxes }: ChaosFleet): Promise<boolean> {
  const keys = await admin.keys('{ms1}:poller:cursor:*');
  const links = await Promise.all(keys.map((key) => admin.hget(key, 'link')));
  return links.filter((link) => link?.includes('$deltatoken=')).length >= mailboxes.length;
}

/** Every other one is announced. */
function put(fleet: ChaosFleet, mailboxId: string, n: number): Promise<PutMail> {
  return putMail(fleet, mailboxId, { subject: `a message ${n}` }, { announced: n % 2 === 0 });
}
