import type { styleText } from 'node:util';
import { expect, test } from '@jest/globals';

import { auditOf } from '../audit/audit-seed.ts';
import { unchecked } from '../audit/finding.ts';
import { anEffect, BEGAN, someEvidence } from '../audit/some-evidence.ts';
import { panel } from './panel.ts';
import { type RowOutcome, seedReport } from './seed-report.ts';
import { table } from './table.ts';

const outcome = (id: string, over: Partial<RowOutcome> = {}): RowOutcome => ({
  id,
  about: 'kill -9 of one poller',
  did: 'killed poller-1',
  failure: null,
  faultMs: 1_000,
  endedAt: BEGAN,
  recoveredMs: 2_000,
  limitMs: 45_000,
  ...over,
});
const report = (outcomes: readonly RowOutcome[], evidence = someEvidence()) =>
  seedReport({
    seed: 1,
    messages: 3,
    planned: 2,
    outcomes,
    audit: auditOf(evidence, unchecked('I6', 'replays', 'nothing died')),
    open: 0,
    began: BEGAN,
  });

test('a run whose faults were put in and which lost nothing is clean', () => {
  expect(report([outcome('P2'), outcome('P5')]).problems).toEqual([]);
});

test('a run of fewer faults than were planned has failed, whatever it did not lose', () => {
  const { problems, injected } = report([
    outcome('P2'),
    outcome('P5', { failure: 'no such process', recoveredMs: null }),
  ]);
  expect(injected).toBe(1);
  expect(problems).toEqual(['P5 failed: no such process', '1 faults of 2 were injected']);
});

test('after a fault something must come, and how late it came is told', () => {
  const { problems, rows } = report([
    outcome('P2', { recoveredMs: null }),
    outcome('P5', { recoveredMs: 60_000 }),
  ]);
  expect(problems).toEqual(['nothing came to MS4 any more after P2']);
  expect(table({ rows })).toMatch(/P2 .* never .*\nP5 .* 60\.0 s \(late: 45\.0 s\)/);
});

test('what is wrong with a message is told of the row in whose time it was', () => {
  const { effects } = someEvidence();
  const windows = [0, 1].map((number) => ({
    id: `P${number}`,
    from: BEGAN + number * 10_000,
    endedAt: BEGAN + number * 10_000 + 1_000,
    to: BEGAN + (number + 1) * 10_000,
    limitMs: 45_000,
  }));
  const again = anEffect('a', { batchId: 'batch-2', at: BEGAN + 15_000 });
  const doubled = someEvidence({ windows, effects: [...effects, again] });
  const { rows, problems } = report([outcome('P0'), outcome('P1')], doubled);
  expect(rows.map((row) => row.doubled)).toEqual([0, 1]);
  expect(problems).toEqual([expect.stringMatching(/^I2 is broken/)]);
});

test('caught up is when the last of what had come before is there', () => {
  const effects = someEvidence().effects.filter(({ key }) => key !== 'a');
  const late = someEvidence({ effects: [...effects, anEffect('a', { at: BEGAN + 25_000 })] });
  expect(report([outcome('P5')], late).rows[0]?.caughtUpMs).toBe(15_000);
});

test('the picture of a run has its mail, its faults and the one that is in', () => {
  const plain = ((_: unknown, text: string) => text) as typeof styleText;
  const shown = panel(
    {
      seed: 3,
      elapsedMs: 61_000,
      planned: ['P2', 'P5', 'P9'],
      outcomes: [outcome('P2'), outcome('P5', { failure: 'no such process' })],
      doing: 'P9 a poller stopped ...',
      mail: { planned: 2_000, came: 1_000, stored: 500, held: undefined },
    },
    plain,
  );
  expect(shown).toContain('Seed 3  2 of 3 faults  1:01');
  expect(shown).toContain('500 stored of 1,000 (2,000), no Redis');
  expect(shown).toMatch(/P2 .* 1\.0 s {2}2\.0 s\n.*P5 .* failed\n.*P9 a poller stopped/);
});
