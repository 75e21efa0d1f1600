import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { ChaosError } from './chaos-error.ts';
import type { ChaosRow } from './chaos-row.ts';

export interface ChaosOptions {
  readonly seeds: readonly number[];
  readonly messages: number;
  /** ms that faults go on for at least */
  readonly lastsMs: number;
  /** instead of what the seed draws */
  readonly only: readonly ChaosRow[] | undefined;
  readonly json: string | undefined;
  readonly list: boolean;
  readonly help: boolean;
}

export const HELP = `npm run chaos [-- OPTIONS]

Runs the fleet (two processes of each role, a Redis of its own, simulated Graph and MS4), lets mail come, puts
one fault after another into it, and has an auditor that trusts nobody judge what came of every message.

  --seed N, N..M   which run, or runs: a seed is always the same mail and faults (1)
  --messages N     messages of a run (2000)
  --minutes N      goes on with faults for so long (once through the rows of the seed)
  --only ROW,ROW   these rows of the matrix, in this order, instead of what the seed draws
  --list           the rows
  --json FILE      everything found, as JSON
  --help           this text

Exit code 0: nothing lost, doubled, unexplained or stuck, no invariant broken, and every planned fault was put in.
1: something was. 2: the run could not be made.`;

/**
 * Reads the command line.
 *
 * @throws {ChaosError} on the first option that is unknown or malformed
 */
export function parseOptions(args: readonly string[], rows: readonly ChaosRow[]): ChaosOptions {
  const values = parse(args);
  return {
    seeds: seedsOf(values.seed ?? '1'),
    messages: count('messages', values.messages, 2_000, 100_000),
    lastsMs: count('minutes', values.minutes, 0, 24 * 60) * 60_000,
    only: values.only === undefined ? undefined : rowsOf(values.only, rows),
    json: fileOf(values.json),
    list: values.list ?? false,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        messages: { type: 'string' },
        minutes: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'string' },
        list: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    // Node goes on to explain how dashes work; its first sentence names what is wrong.
    const [reason] = (error as Error).message.split(/\.?\n|\. /);
    throw new ChaosError(`${reason}: "npm run chaos -- --help" lists the options`);
  }
}

function seedsOf(text: string): number[] {
  const [, first, last = first] = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (!(from >= 1 && to >= from && to - from < 10_000)) {
    throw new ChaosError(`--seed must be a number from 1, or two like 1..20, not "${text}"`);
  }
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function count(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= max) return value;
  throw new ChaosError(`--${name} must be a whole number from 1 to ${max}, not "${text}"`);
}

function rowsOf(text: string, rows: readonly ChaosRow[]): ChaosRow[] {
  return text.split(',').map((part) => {
    const id = part.trim().toLowerCase();
    const row = rows.find((one) => one.id.toLowerCase() === id);
    if (!row) {
      throw new ChaosError(
        `--only: there is no row ${part.trim()}; "npm run chaos -- --list" has them all`,
      );
    }
    return row;
  });
}

function fileOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    accessSync(dirname(resolve(text)), constants.W_OK);
  } catch {
    throw new ChaosError(
      `--json ${text}: its folder cannot be written to; name a file in one that can`,
    );
  }
  return text;
}
