import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosFleet } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { within } from './process-waiting.ts';
import { type SimulatedFault, simulated, strikesOf } from './simulated-faults.ts';

const LASTS_MS = 15_000;
const SOON_MS = 15_000;
/** Subscriptions are looked after every 2 minutes (apps/poller, RENEW_EVERY_MS), and when Graph says that they need it. */
const RENEWAL_MS = 150_000;
const SHORT: readonly SimulatedFault[] = [['graph-subscriptions-short']];
const TABLE = '{ms1}:poller:subscriptions';

/** What Graph does to subscriptions and notifications: G15 to G17, G21, G27. */
export const GRAPH_PUSH: readonly ChaosRow[] = [
  {
    ...simulated({
      id: 'G15',
      about: 'all subscriptions are gone, and nobody is told',
      recoveryMs: SOON_MS,
      lastsMs: LASTS_MS,
      faults: () => [['drop-lifecycle']],
      meanwhile: async (fleet, _dice, signal) =>
        `${await lifecycle(fleet, 'subscriptionRemoved', signal)} subscriptions removed`,
    }),
    after: subscribedAgain,
  },
  {
    id: 'G16',
    about: 'subscriptions are to be reauthorized, missed and removed, said five times each',
    recoveryMs: SOON_MS,
    async inject(fleet, _dice, signal) {
      const said: string[] = [];
      for (const event of ['reauthorizationRequired', 'missed', 'subscriptionRemoved']) {
        said.push(`${event} to ${await lifecycle(fleet, event, signal, 5)}`);
        await delay(3_000, undefined, { signal });
      }
      return said.join(', ');
    },
    after: subscribedAgain,
  },
  simulated({
    id: 'G16b',
    about: 'no notification comes, nor a word of it',
    recoveryMs: SOON_MS,
    lastsMs: 20_000,
    faults: () => [['drop-notifications']],
  }),
  simulated({
    id: 'G17',
    about: 'each notification ten times, late, in any order, and an updated after it',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [
      ['notification-duplicate', { max: 10 }],
      ['notification-shuffle', { ms: 2_000 }],
      ['notification-late', { ms: 3_000 }],
      ['notification-pair'],
    ],
  }),
  simulated({
    id: 'G21',
    about: 'Graph finds the webhook too slow and drops its notifications for 10 minutes',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [['endpoint-drop', { times: 1 }]],
  }),
  simulated({
    id: 'G23',
    about: 'the clocks of Graph and MS4 are five minutes ahead of ours',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [
      ['graph-date', { ms: 300_000 }],
      ['ms4-date', { ms: 300_000 }],
    ],
  }),
  simulated({
    id: 'G27',
    about: 'the list of subscriptions is empty',
    recoveryMs: SOON_MS,
    lastsMs: 0,
    faults: () => SHORT,
    async meanwhile(fleet, _dice, signal) {
      const { admin } = fleet.redis;
      const before = await admin.hkeys(TABLE);
      const [struck = 0] = await strikesOf(fleet, SHORT);
      await lifecycle(fleet, 'reauthorizationRequired', signal);
      const isListed = async (): Promise<boolean> =>
        ((await strikesOf(fleet, SHORT))[0] ?? 0) > struck;
      await within(RENEWAL_MS, 'subscriptions are listed', isListed, signal);
      // What is done about the list comes after it.
      await delay(3_000, undefined, { signal });
      const after = new Set(await admin.hkeys(TABLE));
      const forgotten = before.filter((id) => !after.has(id));
      if (forgotten.length > 0) throw new Error(`forgot subscriptions ${forgotten.join(', ')}`);
      return `${before.length} subscriptions are kept`;
    },
  }),
];

async function subscriptionsOf(fleet: Pick<ChaosFleet, 'control'>): Promise<number> {
  return (await fleet.control<{ graph: { subscriptions: number } }>('status')).graph.subscriptions;
}

/** Until each mailbox has one again. */
async function subscribedAgain(fleet: ChaosFleet, signal: AbortSignal): Promise<string> {
  const wanted = fleet.mailboxes.length;
  const are = async (): Promise<boolean> => (await subscriptionsOf(fleet)) >= wanted;
  await within(RENEWAL_MS, `${wanted} subscriptions`, are, signal);
  return `${await subscriptionsOf(fleet)} subscriptions for ${wanted} mailboxes`;
}

/** @returns how many subscriptions it was about */
async function lifecycle(
  fleet: ChaosFleet,
  event: string,
  signal: AbortSignal,
  times = 1,
): Promise<number> {
  // The row before may have taken them away.
  await subscribedAgain(fleet, signal);
  const { subscriptions } = await fleet.control<{ subscriptions: number }>('lifecycle', {
    event,
    times,
  });
  return subscriptions;
}
