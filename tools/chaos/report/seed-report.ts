import type { SeedAudit } from '../audit/audit-seed.ts';
import { caughtUpMs } from '../audit/caught-up.ts';
import type { Wrong } from '../audit/conservation.ts';
import type { Finding } from '../audit/finding.ts';

/** What became of one fault. */
export interface RowOutcome {
  readonly id: string;
  readonly about: string;
  /** what was really done */
  readonly did: string;
  /** why it could not be put in */
  readonly failure: string | null;
  readonly faultMs: number;
  /** ms since the epoch */
  readonly endedAt: number;
  /** ms to the next record in MS4; null: none came within the bound */
  readonly recoveredMs: number | null;
  /** what the matrix asks for */
  readonly limitMs: number;
}

/** A row as the report has it: with what the audit found in its time. */
interface RowReport extends RowOutcome {
  /** ms from the fault's end until all mail that had come by then was in MS4, later faults included */
  readonly caughtUpMs: number;
  readonly lost: number;
  readonly doubled: number;
  readonly unexplained: number;
  readonly stuck: number;
  /** attempts of messages that came to nothing in its time */
  readonly burnt: number;
}

export interface SeedReport {
  readonly seed: number;
  readonly messages: number;
  readonly seconds: number;
  readonly rows: readonly RowReport[];
  /** faults that were to be put in, and those that were */
  readonly planned: number;
  readonly injected: number;
  readonly findings: readonly Finding[];
  readonly witnesses: readonly Wrong[];
  /** why it is not clean; empty when it is */
  readonly problems: readonly string[];
}

export interface SeedReportContext {
  readonly seed: number;
  readonly messages: number;
  readonly planned: number;
  readonly outcomes: readonly RowOutcome[];
  readonly audit: SeedAudit;
  /** messages that had not ended when nothing moved any more */
  readonly open: number;
  /** ms since the epoch */
  readonly began: number;
}

/** Puts together what was done and what was found. */
export function seedReport(context: SeedReportContext): SeedReport {
  const { seed, messages, planned, outcomes, audit, began } = context;
  const rows = outcomes.map((outcome, index) => ({ ...outcome, ...countsOf(index, audit) }));
  const injected = outcomes.filter(({ failure }) => failure === null).length;
  return {
    seed,
    messages,
    seconds: Math.round((Date.now() - began) / 1_000),
    rows,
    planned,
    injected,
    findings: audit.findings,
    witnesses: audit.wrongs.slice(0, 20),
    problems: problemsOf(context, injected),
  };
}

/** A message counts for the row in whose time it came; one that was doubled, for that in whose time it was. */
function countsOf(index: number, { wrongs, evidence }: SeedAudit) {
  const { windows, watched } = evidence;
  const rowAt = (at: number): number => {
    const of = windows.findIndex(({ to }) => at < to);
    return of === -1 ? windows.length - 1 : of;
  };
  const inRow = wrongs.filter(({ at }) => rowAt(at) === index);
  const count = (kind: Wrong['kind']): number => inRow.filter((one) => one.kind === kind).length;
  return {
    caughtUpMs: caughtUpMs(evidence, windows[index]?.endedAt ?? 0),
    lost: count('lost'),
    doubled: count('doubled'),
    unexplained: count('unexplained'),
    stuck: count('stuck'),
    burnt: watched.burnt.filter(({ at }) => rowAt(at) === index).length,
  };
}

function problemsOf(
  { planned, outcomes, audit, open }: SeedReportContext,
  injected: number,
): string[] {
  const notIn = outcomes.filter(({ failure }) => failure !== null);
  const never = outcomes.filter(
    ({ failure, recoveredMs }) => failure === null && recoveredMs === null,
  );
  return [
    ...notIn.map(({ id, failure }) => `${id} failed: ${failure}`),
    ...(injected < planned ? [`${injected} faults of ${planned} were injected`] : []),
    ...never.map(({ id }) => `nothing came to MS4 any more after ${id}`),
    ...(open > 0 ? [`${open} messages are stuck: nothing moved for 5 minutes`] : []),
    ...audit.findings
      .filter(({ verdict }) => verdict === 'broken')
      .map(({ id, about, value }) => `${id} is broken (${about}): ${value}`),
  ];
}
