import { answeredInTime, keptWhatWasTaken } from './acknowledged.ts';
import { breaker } from './breaker.ts';
import { conservation, oneEffect, type Wrong, wrongs } from './conservation.ts';
import { noCorruption } from './corruption.ts';
import { cursors } from './cursors.ts';
import { deadLetters } from './dead-letters.ts';
import type { Evidence } from './evidence.ts';
import { fairness } from './fairness.ts';
import type { Finding } from './finding.ts';
import { graphUse, onlyOurMailboxes } from './graph-use.ts';
import { honesty } from './honesty.ts';
import { memory } from './memory.ts';
import { pace } from './pace.ts';
import { retries } from './retries.ts';
import { secrecy } from './secrecy.ts';
import { staleness } from './staleness.ts';

/** What an audit found. */
export interface SeedAudit {
  readonly findings: readonly Finding[];
  readonly wrongs: readonly Wrong[];
  readonly evidence: Evidence;
}

const INVARIANTS: readonly ((evidence: Evidence) => Finding)[] = [
  conservation,
  oneEffect,
  noCorruption,
  staleness,
  deadLetters,
  pace,
  breaker,
  graphUse,
  answeredInTime,
  memory,
  keptWhatWasTaken,
  cursors,
  fairness,
  honesty,
  secrecy,
  onlyOurMailboxes,
  retries,
];

/** Every invariant that evidence alone decides; I6 needs somebody who acts. */
export const judge = (evidence: Evidence): Finding[] =>
  INVARIANTS.map((invariant) => invariant(evidence));

export function auditOf(evidence: Evidence, replayed: Finding): SeedAudit {
  const byNumber = (a: Finding, b: Finding): number =>
    Number(a.id.slice(1)) - Number(b.id.slice(1));
  const findings = [...judge(evidence), replayed].toSorted(byNumber);
  return { findings, wrongs: wrongs(evidence), evidence };
}
