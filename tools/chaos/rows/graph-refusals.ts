import type { ChaosRow } from '../chaos-row.ts';
import { byTurns, simulated } from './simulated-faults.ts';

const LASTS_MS = 15_000;
/** A hold without a length is 2, 4, 8 s, and what was refused is asked for again as soon as anything is answered. */
const SOON_MS = 15_000;
/** Graph's breaker opens for 5, 10, 20 ... 60 s (packages/graph-client, TenantGovernor). */
const BREAKER_MS = 60_000;

const inMs = (ms: number): string => new Date(Date.now() + ms).toUTCString();

/** How Graph says no: G1 to G8, G24. */
export const GRAPH_REFUSALS: readonly ChaosRow[] = [
  simulated({
    id: 'G1',
    about: 'one mailbox throttled for 5 s at a time',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: ({ mailboxes }, dice) => [
      ['graph-429', { mailboxId: dice.pick(mailboxes), retryAfterS: 5 }],
    ],
  }),
  simulated({
    id: 'G1b',
    about: 'every mailbox throttled, Retry-After as a date, 0, below 0 and nonsense',
    // A Retry-After that says something which cannot be read is taken for a minute.
    recoveryMs: 65_000,
    lastsMs: LASTS_MS,
    faults: () => [['graph-429']],
    meanwhile: (fleet, dice, signal) =>
      byTurns(
        'graph-429',
        [{ match: inMs(3_000) }, { match: '0' }, { match: '-5' }, { match: 'soon' }],
        { everyMs: 3_000, lastsMs: LASTS_MS },
      )(fleet, dice, signal),
  }),
  simulated({
    id: 'G2',
    about: 'throttled without a Retry-After',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [['graph-429', { match: 'none' }]],
  }),
  simulated({
    id: 'G3',
    about: 'three of ten requests throttled, items of a $batch too',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [['graph-429', { share: 0.3, retryAfterS: 2 }]],
  }),
  simulated({
    id: 'G4',
    about: 'half of the requests fail with 500, 502, 503 and 504 by turns',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [['graph-5xx', { share: 0.5, status: 500 }]],
    meanwhile: byTurns(
      'graph-5xx',
      [500, 502, 503, 504].map((status) => ({ status, share: 0.5 })),
      { everyMs: 3_000, lastsMs: LASTS_MS },
    ),
  }),
  simulated({
    id: 'G4b',
    about: 'Graph down for a minute (of 30, compressed)',
    recoveryMs: BREAKER_MS,
    lastsMs: 60_000,
    faults: () => [['graph-5xx', { status: 503 }]],
  }),
  simulated({
    id: 'G6',
    about: 'half of the answers are HTML, empty, of another type or cut in half',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [
      ['graph-nonsense', { share: 0.5 }],
      ['delta-truncated', { share: 0.5 }],
    ],
  }),
  simulated({
    id: 'G7',
    about: 'a fifth of the tokens expire before their time',
    recoveryMs: 35_000,
    lastsMs: LASTS_MS,
    faults: () => [['graph-401', { share: 0.2 }]],
  }),
  simulated({
    id: 'G7b',
    about: 'every token is refused',
    // A tenant whose credential is refused twice rests for 30 s in that process.
    recoveryMs: 35_000,
    lastsMs: LASTS_MS,
    faults: () => [['graph-401']],
  }),
  simulated({
    id: 'G8',
    about: 'the app may not read one mailbox any more',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: ({ mailboxes }, dice) => [['graph-403', { mailboxId: dice.pick(mailboxes) }]],
  }),
  simulated({
    id: 'G8b',
    about: 'one mailbox moves, another is not there',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: ({ mailboxes }, dice) => {
      const [moving, missing] = dice.shuffle(mailboxes);
      return [
        ['graph-mailbox-move', { mailboxId: moving }],
        ['graph-mailbox-missing', { mailboxId: missing }],
      ];
    },
  }),
  simulated({
    id: 'G24',
    about: 'messages that are there are not found for a while',
    // Asked for again after 2, 4, 8 s.
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [['graph-item-404']],
  }),
];
