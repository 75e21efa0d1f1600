import { expect, test } from '@jest/globals';

import { judgeScaling, type Workforce } from './judge-scaling.ts';

const queue = (name: 'inbound' | 'outbound', waiting: number, paused = false) =>
  ({
    name,
    waiting,
    paused,
    active: 0,
    delayed: 0,
    failed: 0,
    gatedForSeconds: 0,
    oldestSeconds: null,
  }) as const;

const fleet = ({
  inbound = 0,
  outbound = 0,
  mailboxes = 1_000,
  held = 0,
  gate = 'open',
  prepared = null,
  paused = false,
}: {
  inbound?: number;
  outbound?: number;
  mailboxes?: number;
  held?: number;
  gate?: Workforce['ms4']['gate'];
  prepared?: number | null;
  paused?: boolean;
}): Workforce => ({
  queues: [queue('inbound', inbound, paused), queue('outbound', outbound)],
  ms4: { gate, forSeconds: 0 },
  rates: { noticed: null, prepared, delivered: null },
  mailboxes: { total: mailboxes, heldTotal: held },
  processes: [{ app: 'processor' }, { app: 'processor' }, { app: 'ms4-sender' }],
});

test.each<[string, Workforce, number, string]>([
  ['nothing waits', fleet({}), 1, 'work'],
  ['a minute of one processor waits', fleet({ inbound: 20_400 }), 1, 'work'],
  ['five minutes of one wait', fleet({ inbound: 100_000 }), 5, 'work'],
  ['two have shown that they are quicker', fleet({ inbound: 100_000, prepared: 2_000 }), 2, 'work'],
  [
    'one mailbox floods: its four requests are enough for one',
    fleet({ inbound: 100_000, mailboxes: 1 }),
    1,
    'graph',
  ],
  ['20 mailboxes keep two busy', fleet({ inbound: 100_000, mailboxes: 20 }), 2, 'graph'],
  ['Graph takes no call for any', fleet({ inbound: 100_000, mailboxes: 20, held: 20 }), 1, 'graph'],
  ['somebody has paused it', fleet({ inbound: 100_000, paused: true }), 1, 'paused'],
])('processors where %s', (_, workforce, replicas, limitedBy) => {
  expect(judgeScaling(workforce).processor).toEqual({ replicas, limitedBy });
});

test.each<[string, Workforce, number, string]>([
  ['nothing waits', fleet({}), 1, 'work'],
  ['three minutes of one wait', fleet({ outbound: 180_000 }), 3, 'work'],
  ['MS4 does not answer', fleet({ outbound: 180_000, gate: 'tripped' }), 1, 'ms4'],
  ['MS4 asked everybody to wait', fleet({ outbound: 180_000, gate: 'held' }), 1, 'ms4'],
  ['MS4 is back', fleet({ outbound: 180_000, gate: 'ramping' }), 3, 'work'],
])('senders where %s', (_, workforce, replicas, limitedBy) => {
  expect(judgeScaling(workforce)['ms4-sender']).toEqual({ replicas, limitedBy });
});
