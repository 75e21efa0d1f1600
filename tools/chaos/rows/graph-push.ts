import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosFleet } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { simulated } from './simulated-faults.ts';

const LASTS_MS = 15_000;
const SOON_MS = 15_000;
const TABLE = '{ms1}:poller:subscriptions';

/** What Graph does to subscriptions and notifications: G15 to G17, G21, G27. */
export const GRAPH_PUSH: readonly ChaosRow[] = [
  simulated({
    id: 'G15',
    about: 'all subscriptions are gone, and nobody is told',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [['drop-lifecycle']],
    meanwhile: async (fleet) =>
      `${await lifecycle(fleet, 'subscriptionRemoved')} subscriptions removed`,
  }),
  {
    id: 'G16',
    about: 'subscriptions are removed, missed and to be reauthorized, said five times each',
    recoveryMs: SOON_MS,
    async inject(fleet, dice, signal) {
      const events = dice.shuffle(['missed', 'reauthorizationRequired', 'subscriptionRemoved']);
      const said: string[] = [];
      for (const event of events) {
        said.push(`${event} to ${await lifecycle(fleet, event, 5)}`);
        await delay(3_000, undefined, { signal });
      }
      return said.join(', ');
    },
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
    // Subscriptions are looked after every 2 minutes, and at once when Graph says that they need it.
    lastsMs: 5_000,
    faults: () => [['graph-subscriptions-short']],
    async meanwhile(fleet, _dice, signal) {
      const { admin } = fleet.redis;
      const before = await admin.hkeys(TABLE);
      await lifecycle(fleet, 'reauthorizationRequired');
      await delay(5_000, undefined, { signal });
      const after = new Set(await admin.hkeys(TABLE));
      const forgotten = before.filter((id) => !after.has(id));
      if (forgotten.length > 0) throw new Error(`forgot subscriptions ${forgotten.join(', ')}`);
      return `${before.length} subscriptions are kept`;
    },
  }),
];

/** @returns how many subscriptions it was about */
async function lifecycle(fleet: ChaosFleet, event: string, times = 1): Promise<number> {
  const { subscriptions } = await fleet.control<{ subscriptions: number }>('lifecycle', {
    event,
    times,
  });
  if (subscriptions === 0) throw new Error('there is no subscription');
  return subscriptions;
}
