import type { ChaosRow } from '../chaos-row.ts';
import { byTurns, simulated } from './simulated-faults.ts';
import { putMail } from './simulated-mail.ts';

const LASTS_MS = 15_000;
/** Folders are walked every 5 s. */
const SOON_MS = 15_000;

/** What delta and the pages of a folder do to whoever walks them: G9 to G12, G25. */
export const GRAPH_WALKS: readonly ChaosRow[] = [
  simulated({
    id: 'G9',
    about: 'half of the walks are told that their position is forgotten',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [['delta-reset', { share: 0.5 }]],
    meanwhile: byTurns(
      'delta-reset',
      [
        { share: 0.5, status: 410, match: 'SyncStateNotFound' },
        { share: 0.5, status: 410, match: 'resyncRequired' },
        { share: 0.5, status: 404, match: 'syncStateNotFound' },
      ],
      { everyMs: 5_000, lastsMs: LASTS_MS },
    ),
  }),
  simulated({
    id: 'G10',
    about: 'delta refuses every request with 400 and does not say why',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [['delta-400']],
  }),
  simulated({
    id: 'G11',
    about: 'delta repeats changes, doubles and reorders items and sends empty pages',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [
      ['delta-replay', { max: 30 }],
      ['delta-doubled', { share: 0.7 }],
      ['delta-empty', { share: 0.5 }],
    ],
  }),
  simulated({
    id: 'G11b',
    about: 'each page of delta is empty and leads to itself',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [['delta-empty']],
  }),
  simulated({
    id: 'G12',
    about: 'delta holds back what came within the last 10 s',
    recoveryMs: SOON_MS,
    lastsMs: 20_000,
    faults: () => [['delta-lag', { ms: 10_000 }]],
  }),
  simulated({
    id: 'G12b',
    about: 'delta passes over a tenth of the messages for ever',
    recoveryMs: SOON_MS,
    lastsMs: LASTS_MS,
    faults: () => [['delta-hides', { share: 0.1 }]],
  }),
  simulated({
    id: 'G25',
    about: 'one message makes each page that it is on fail',
    recoveryMs: SOON_MS,
    lastsMs: 20_000,
    faults: (_fleet, dice) => [
      ['graph-page-5xx', { match: 'POISON', status: dice.pick([500, 502, 504]) }],
    ],
    async meanwhile(fleet, dice) {
      const mailboxId = dice.pick(fleet.mailboxes);
      await putMail(fleet, mailboxId, { subject: 'a POISON of a page' }, { announced: false });
      return `the message is in ${mailboxId}`;
    },
  }),
];
