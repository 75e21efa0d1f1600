import { expect, test } from '@jest/globals';

import { emptyReport, type PrepareReport } from './prepare-report.ts';
import { tellProgress } from './tell-progress.ts';

const NOTHING: PrepareReport = { ...emptyReport(), messages: 3 };

test.each<[string, Partial<PrepareReport>, string[]]>([
  ['an end of a message is progress', { prepared: 1, snoozed: 2 }, ['made']],
  [
    'a Graph that does not answer is none',
    { snoozed: 3, refusals: { graph_timeout: 3 } },
    ['Graph does not answer (graph_timeout)'],
  ],
  ['a mailbox that is held says nothing', { snoozed: 3, refusals: { graph_throttled: 3 } }, []],
  [
    'a mailbox among it that is held says nothing',
    { snoozed: 3, refusals: { graph_throttled: 1, graph_transient: 2 } },
    [],
  ],
  ['a message that fails alone says nothing', { retried: 1, refusals: { graph_transient: 1 } }, []],
  [
    'a ledger that cannot be written is none',
    { pausedBy: new Error('the ledger cannot be written') },
    ['the ledger cannot be written'],
  ],
])('%s', (_name, report, expected) => {
  const told: string[] = [];
  const progress = { made: () => told.push('made'), blocked: (why: string) => told.push(why) };
  tellProgress(progress, { ...NOTHING, ...report });
  expect(told).toEqual(expected);
});
