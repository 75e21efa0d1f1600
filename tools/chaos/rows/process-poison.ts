import { messageKeyOf } from '../audit/message-key.ts';
import type { ChaosFleet } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { frozen, STALL_MS, within } from './process-waiting.ts';

/** So many deaths are allowed to a job (packages/queue, maxStalledCount); the next one is its last. */
const DEATHS_MAX = 10;
/** As much of BullMQ's sentence as the ledger keeps. */
const STALLED = 'job stalled more than allowable limi';

export const PROCESS_POISON: readonly ChaosRow[] = [
  {
    id: 'P14',
    about: 'a message whose processor dies each time',
    recoveryMs: STALL_MS,
    expects: { dead: [STALLED] },
    async inject(fleet, dice, signal) {
      const mailboxId = dice.pick(fleet.mailboxes);
      const { admin } = fleet.redis;
      const processors = fleet.of('processor');
      let job = '';
      // Held before anybody takes it, so that it can be given the deaths that it would take 8 minutes to die.
      await frozen(processors, async () => {
        const key = await injectOne(fleet, mailboxId);
        job = `{ms1}:inbound:m-${key}`;
        const waits = async (): Promise<boolean> => (await admin.exists(job)) === 1;
        await within(20_000, 'the message is on inbound', waits, signal);
        await admin.hset(job, 'stc', DEATHS_MAX);
        await fleet.fault('graph-latency', { ms: 8_000, mailboxId });
      });
      const id = job.slice(job.lastIndexOf(':') + 1);
      const inHand = async (): Promise<boolean> =>
        (await admin.lrange('{ms1}:inbound:active', 0, -1)).includes(id);
      await within(30_000, 'a processor has the message in hand', inHand, signal);
      for (const app of processors) app.signal('SIGKILL');
      await fleet.clearFaults();
      const isDead = async (): Promise<boolean> =>
        (await admin.zscore('{ms1}:inbound:failed', id)) !== null;
      await within(90_000, 'the message is a dead letter', isDead, signal);
      return `killed the processors over a message that had killed ${DEATHS_MAX} before`;
    },
  },
];

async function injectOne(fleet: ChaosFleet, mailboxId: string): Promise<string> {
  const { tenantId } = await fleet.control<{ tenantId: string }>('status');
  const operation = { op: 'inject', properties: { subject: 'a message that kills' } };
  const path = `mailboxes/${mailboxId}/messages`;
  const { messageId } = await fleet.control<{ messageId: string }>(path, operation);
  return messageKeyOf([tenantId, mailboxId, messageId]);
}
