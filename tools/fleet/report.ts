import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Audit } from './audit.ts';
import { FleetError } from './fleet-error.ts';
import type { FleetOptions } from './parse-options.ts';

/** What the run cost, as differences over the run. */
export interface RunCost {
  elapsedSeconds: number;
  /** delivered by this run, not by one before it */
  deliveredNow: number;
  graph: { httpRequests: number; quotaUnits: number };
  ms4: { requests: number };
  redis: { commands: number };
}

/** The report of `--report FILE`, and what the summary on the screen is made from. */
export interface Report {
  ok: boolean;
  messages: Omit<Audit, 'reasons' | 'witnesses' | 'phantoms'>;
  elapsedSeconds: number;
  /** of this run */
  messagesPerSecond: number;
  graph: RunCost['graph'];
  ms4: RunCost['ms4'];
  redis: RunCost['redis'];
  audit: Pick<Audit, 'reasons' | 'witnesses' | 'phantoms'>;
  session: { id: string; name: string; status: string } | null;
  options: Pick<FleetOptions, 'messages' | 'mailboxes' | 'seed' | 'workers'>;
  versions: { project: string; node: string };
}

export interface ReportParts {
  ok: boolean;
  audit: Audit;
  cost: RunCost;
  session: Report['session'];
  options: FleetOptions;
  root: string;
}

export function makeReport({ ok, audit, cost, session, options, root }: ReportParts): Report {
  const { reasons, witnesses, phantoms, ...messages } = audit;
  const { messages: count, mailboxes, seed, workers } = options;
  const { elapsedSeconds, deliveredNow, graph, ms4, redis } = cost;
  return {
    ok,
    messages,
    elapsedSeconds: round(elapsedSeconds),
    messagesPerSecond: elapsedSeconds > 0 ? round(deliveredNow / elapsedSeconds) : 0,
    graph,
    ms4,
    redis,
    audit: { reasons, witnesses, phantoms },
    session,
    options: { messages: count, mailboxes, seed, workers },
    versions: { project: projectVersion(root), node: process.versions.node },
  };
}

/**
 * Whether the report will find its place, asked before the run that it is about. Leaves nothing behind.
 *
 * @throws {FleetError} when the file cannot be written
 */
export function checkReportFile(file: string): void {
  const path = resolve(file);
  const before = statSync(path, { throwIfNoEntry: false });
  // A pipe is opened once, by whoever writes to it.
  if (before && !before.isFile() && !before.isDirectory()) return;
  written(file, () => closeSync(openSync(path, 'a')));
  if (!before) rmSync(path);
}

/** @throws {FleetError} when the file cannot be written */
export function writeReport(file: string, report: Report): void {
  written(file, () => writeFileSync(resolve(file), `${JSON.stringify(report, null, 2)}\n`));
}

function written(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such folder' : code;
    throw new FleetError(`--report ${file} cannot be written (${why})`, { cause: error });
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function projectVersion(root: string): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
