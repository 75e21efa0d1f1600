import { parseArgs } from 'node:util';

import { FleetError } from './fleet-error.ts';

/** The processes of the fleet, in the order in which they are shown. */
export const APPS = ['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'] as const;
export type AppName = (typeof APPS)[number];

/** Those of which several may run side by side: they listen to nothing but health checks. */
const SCALABLE = ['poller', 'processor', 'ms4-sender'] as const;

export interface FleetOptions {
  messages: number;
  mailboxes: number;
  seed: number;
  /** stop after the report */
  exit: boolean;
  /** where the JSON report goes */
  report: string | undefined;
  /** how many processes of each app */
  workers: Readonly<Record<AppName, number>>;
  /** forget the runs before */
  fresh: boolean;
  help: boolean;
  /** options that only mean something for the simulated session, as they were given */
  sessionOptions: readonly string[];
}

const MESSAGES_MAX = 1_000_000;
const MAILBOXES_MAX = 1_000;
const WORKERS_MAX = 16;

export const HELP = `npm start [-- OPTIONS]

Runs the fleet. Without credentials in .env it runs against simulated Microsoft Graph and MS4
services, takes one session of messages through, audits it, and stays up until Ctrl-C.

  --messages N     messages of the session (10000)
  --mailboxes N    mailboxes they are spread over (20)
  --seed N         which messages: the same seed is the same mail (1)
  --exit           stop after the report; exit code 0 only when nothing is unexplained, lost or doubled
  --report FILE    write the report as JSON
  --workers LIST   several processes of an app, for example processor=2,ms4-sender=2
  --fresh          forget what earlier runs left in .data
  --no-install     install nothing (MS1_NO_INSTALL=1): what is missing ends the command with what to do
  --help           this text`;

/**
 * Reads the command line.
 *
 * @throws {FleetError} on the first option that is unknown or malformed
 */
export function parseOptions(args: readonly string[]): FleetOptions {
  const { values, given } = parse(args);
  return {
    messages: count('messages', values.messages, 10_000, 1, MESSAGES_MAX),
    mailboxes: count('mailboxes', values.mailboxes, 20, 1, MAILBOXES_MAX),
    seed: count('seed', values.seed, 1, 0, 2 ** 31 - 1),
    exit: values.exit ?? false,
    report: file(values.report),
    workers: workersOf(values.workers),
    fresh: values.fresh ?? false,
    help: values.help ?? false,
    sessionOptions: given.filter((name) => !['workers', 'fresh', 'help'].includes(name)),
  };
}

function parse(args: readonly string[]) {
  try {
    const { values, tokens } = parseArgs({
      args: [...args],
      options: {
        messages: { type: 'string' },
        mailboxes: { type: 'string' },
        seed: { type: 'string' },
        exit: { type: 'boolean' },
        report: { type: 'string' },
        workers: { type: 'string' },
        fresh: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
      tokens: true,
    });
    const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    return { values, given };
  } catch (error) {
    // Node goes on to explain how dashes work; its first sentence names what is wrong.
    const [reason] = (error as Error).message.split(/\.?\n|\. /);
    throw new FleetError(`${reason}: "npm start -- --help" lists the options`);
  }
}

function count(
  name: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new FleetError(`--${name} must be a whole number from ${min} to ${max}, not "${text}"`);
}

function file(text: string | undefined): string | undefined {
  if (text === '') throw new FleetError('--report must name a file');
  return text;
}

function workersOf(text: string | undefined): Record<AppName, number> {
  const workers: Record<AppName, number> = {
    'ingest-api': 1,
    poller: 1,
    processor: 1,
    'ms4-sender': 1,
    'ops-console': 1,
  };
  for (const part of text?.split(',') ?? []) {
    const [name, number] = part.split('=');
    const app = SCALABLE.find((scalable) => scalable === name?.trim());
    if (!app || number === undefined || part.split('=').length !== 2) {
      throw new FleetError(
        `--workers must be a list like processor=2,ms4-sender=2 of ${SCALABLE.join(', ')}, not "${text}"`,
      );
    }
    workers[app] = count(`workers ${app}`, number.trim(), 1, 1, WORKERS_MAX);
  }
  return workers;
}
