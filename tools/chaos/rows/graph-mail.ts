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
      const { admin } = fleet.redis;
      const hasPositions = async (): Promise<boolean> =>
        (await admin.keys('{ms1}:poller:cursor:*')).length >= fleet.mailboxes.length;
      // Delta tells of what is gone to those who were there before; after FLUSHALL nobody was.
      await within(60_000, 'each folder has a position', hasPositions, signal);
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

/** Every other one is announced. */
function put(fleet: Parameters<typeof putMail>[0], mailboxId: string, n: number): Promise<PutMail> {
  return putMail(fleet, mailboxId, { subject: `a message ${n}` }, { announced: n % 2 === 0 });
}
