import { expect, test } from '@jest/globals';

import type { ChaosRow } from '../tools/chaos/chaos-row.ts';
import { ROWS } from '../tools/chaos/rows/index.ts';
import type { RunScreen } from '../tools/chaos/run/run-screen.ts';
import { runSeed } from '../tools/chaos/run/run-seed.ts';

/** One fault of each kind, of those that are soon over: all of them are for `npm run chaos`. */
const SHORT: readonly { seed: number; ids: readonly string[] }[] = [
  { seed: 1, ids: ['P5', 'R7a'] },
  { seed: 2, ids: ['R4', 'P4'] },
  { seed: 3, ids: ['R1', 'P6a'] },
];
const MESSAGES = 2_000;
const MINUTE = 60_000;

const nothing = (): void => undefined;
const unseen: RunScreen = {
  begin: nothing,
  phase: nothing,
  row: nothing,
  outcome: nothing,
  mail: nothing,
  settle: nothing,
};

const run = (seed: number, messages: number, rows: readonly ChaosRow[]) =>
  runSeed({ seed, messages, rows, lastsMs: 0 }, unseen, AbortSignal.timeout(15 * MINUTE));

test.each(SHORT)(
  'seed $seed: $ids lose nothing, double nothing and leave nothing unexplained',
  async ({ seed, ids }) => {
    const rows = ROWS.filter(({ id }) => ids.includes(id));
    const report = await run(seed, MESSAGES, rows);
    expect(report.problems).toEqual([]);
    expect(report.rows.map(({ id, did }) => [id, did !== ''])).toEqual(
      rows.map(({ id }) => [id, true]),
    );
  },
  16 * MINUTE,
);

/** What P4 is without MS4's memory of record ids: a batch that is sent again has its effect again. */
const FORGETFUL: ChaosRow = {
  id: 'control',
  about: 'senders killed over a batch, and an MS4 that stores again what it has',
  recoveryMs: 45_000,
  async inject(fleet, _dice, signal) {
    await fleet.fault('ms4-forgets');
    await fleet.fault('ms4-latency', { ms: 3_000 });
    const requests = async (): Promise<number> =>
      (await fleet.control<{ ms4: { requests: number } }>('status')).ms4.requests;
    const before = await requests();
    while ((await requests()) === before) signal.throwIfAborted();
    for (const app of fleet.of('ms4-sender')) app.signal('SIGKILL');
    await fleet.fault('ms4-latency', { share: 0 });
    return 'killed both senders while MS4 had a batch in hand';
  },
};

test(
  'control: with MS4’s memory taken out the same run fails, and says which messages are doubled',
  async () => {
    const report = await run(4, 200, [FORGETFUL]);
    expect(report.rows.map(({ lost, doubled }) => [lost, doubled > 0])).toEqual([[0, true]]);
    expect(report.problems).toEqual([
      expect.stringMatching(/^I2 is broken \(one effect a message\): .* [1-9]\d* messages with/),
    ]);
    expect(report.witnesses[0]?.why).toMatch(/^2 records, of batches \S+ and \S+$/);
  },
  16 * MINUTE,
);
