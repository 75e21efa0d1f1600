import { parseArgs } from 'node:util';

import { FleetError } from '../fleet/fleet-error.ts';
import type { AlertCause } from './alert-cause.ts';

export interface AlertOptions {
  /** of these causes; undefined: all, after a quiet hour */
  readonly only: readonly string[] | undefined;
  readonly pictures: boolean;
  readonly help: boolean;
}

export const HELP = `npm run alerts [-- OPTIONS]

Makes the cause of each alert in a real fleet under a real Prometheus, and writes what fired after how long
(ops/alerts.md). All of it takes half an hour.

  --only NAME,NAME   these causes, without the quiet hour before them
  --pictures         draws the dashboards as they were meanwhile (docs/images)
  --help             this text, with the causes`;

/**
 * Reads the command line.
 *
 * @throws {FleetError} on an unknown option or cause
 */
export function parseOptions(args: string[], causes: readonly AlertCause[]): AlertOptions {
  const { only, pictures = false, help = false } = parse(args);
  const names = only?.split(',');
  const known = causes.map(({ name }) => name);
  const unknown = names?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) {
    throw new FleetError(`There is no cause ${unknown.join(', ')}: ${known.join(', ')}`);
  }
  return { only: names, pictures, help };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string' },
        pictures: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new FleetError(`${(error as Error).message}\n\n${HELP}`);
  }
}
