import type { ChaosRow } from '../chaos-row.ts';
import { brokenLine } from './broken-lines.ts';

/** A call's deadline (GRAPH_TIMEOUT_MS), and 10 s for what waited behind it. */
const DEADLINE_MS = 40_000;
const SOON_MS = 15_000;

/** The way to Graph: G5. */
export const GRAPH_LINES: readonly ChaosRow[] = [
  brokenLine({
    id: 'G5',
    about: 'answers of Graph are cut in their middle',
    line: 'graph',
    break: (line) => line.cutAnswers(600, 20),
    lastsMs: 15_000,
    recoveryMs: SOON_MS,
  }),
  brokenLine({
    id: 'G5b',
    about: 'connections to Graph that stand swallow everything; new ones work',
    line: 'graph',
    break: (line) => line.blackhole(),
    lastsMs: 1_000,
    recoveryMs: DEADLINE_MS,
  }),
  brokenLine({
    id: 'G5c',
    about: 'Graph answers 3,000 bytes a second',
    line: 'graph',
    break: (line) => line.drip(3_000),
    lastsMs: 40_000,
    recoveryMs: DEADLINE_MS,
  }),
  brokenLine({
    id: 'G5d',
    about: 'nothing gets through to Graph and back, beyond the deadline of a call',
    line: 'graph',
    break: (line) => line.stall(),
    lastsMs: 35_000,
    recoveryMs: DEADLINE_MS,
  }),
  brokenLine({
    id: 'G5e',
    about: 'Graph takes no connections',
    line: 'graph',
    break: (line) => line.down(),
    lastsMs: 10_000,
    recoveryMs: 60_000,
  }),
];
