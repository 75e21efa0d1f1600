import { messageKeyOf } from '../audit/message-key.ts';
import type { ChaosFleet } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { frozen, RESTART_MS, STALL_MS, within } from './process-waiting.ts';

/** So many deaths are allowed to a job (packages/queue, maxStalledCount); the next one is its last. */
const DEATHS_MAX = 10;
/** A batch takes a second or two; a killed worker's, at most 50 s, is none of these here. */
const HANGING_MS = 15_000;
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
  {
    id: 'P14b',
    about: 'messages whose processor never gets done with them',
    // Its batch is given up after 7 calls to Graph and their turns, or with the process; the other one goes on.
    recoveryMs: RESTART_MS,
    async inject(fleet, dice, signal) {
      const app = dice.pick(fleet.of('processor'));
      const { restarts } = app;
      app.environment({ NODE_ENV: 'test', FAILPOINT: 'processor:before-settle:1:hang' });
      app.signal('SIGKILL');
      await within(20_000, `${app.name} is started`, () => app.restarts > restarts, signal);
      app.environment({ NODE_ENV: null, FAILPOINT: null });
      const { admin } = fleet.redis;
      const active = (): Promise<string[]> => admin.lrange('{ms1}:inbound:active', 0, -1);
      let held = new Set<string>();
      let since = performance.now();
      // What is in hand without a pause for so long nobody is at work on.
      await within(
        90_000,
        `a batch of ${app.name} hangs`,
        async () => {
          const now = await active();
          const still = now.filter((id) => held.has(id));
          if (still.length === 0) since = performance.now();
          held = new Set(still.length > 0 ? still : now);
          return held.size > 0 && performance.now() - since > HANGING_MS;
        },
        signal,
      );
      const ended = app.restarts;
      const code = await app.restart();
      await within(10_000, `${app.name} is started`, () => app.restarts > ended, signal);
      return `${held.size} messages hung in ${app.name}, which ended with ${code} when it was asked to`;
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
