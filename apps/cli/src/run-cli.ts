import { parseArgs } from 'node:util';
import { ConsoleApiError, type ConsoleClient } from '@ms1/console-api';

import { COMMANDS } from './all-commands.ts';
import {
  type Command,
  type CommandContext,
  type Connection,
  EXIT,
  type Option,
  UsageError,
} from './command.ts';
import type { Installation } from './doctor/installation.ts';
import { GLOBAL_OPTIONS, helpOf, helpOfAll } from './help.ts';
import { type Out, Terminal } from './terminal.ts';

export interface CliOptions {
  args: readonly string[];
  stdout: Out;
  stderr: Out;
  /** false where NO_COLOR is set */
  color?: boolean;
  /** asked only when a command needs it: help and doctor need no console */
  connect: (connection: Connection) => ConsoleClient;
  /** asked by doctor only */
  install: (options: { envFile?: string | undefined; canary?: string | undefined }) => Installation;
  wait: (ms: number) => Promise<void>;
  stopped?: AbortSignal;
}

/** Runs one command line. @returns the exit code */
export async function runCli(options: CliOptions): Promise<number> {
  const { args, stdout, stderr, color = true } = options;
  const terminal = new Terminal({ stdout, stderr, json: args.includes('--json'), color });
  try {
    const name = nameOf(args);
    const command = name === null ? undefined : COMMANDS[name];
    if (!command || name === null) {
      const asked = args.filter((arg) => !arg.startsWith('-'));
      const inGroup = Object.keys(COMMANDS).filter((known) => known.startsWith(`${asked[0]} `));
      if (asked.length > 0 && !(asked.length === 1 && wantsHelp(args) && inGroup.length > 0)) {
        throw new UsageError(unknown(asked, inGroup));
      }
      stdout.write(helpOfAll(COMMANDS, inGroup.length > 0 ? inGroup : Object.keys(COMMANDS)));
      return EXIT.ok;
    }
    if (wantsHelp(args)) {
      stdout.write(helpOf(name, command));
      return EXIT.ok;
    }
    return await command.run(contextOf(name, command, terminal, options));
  } catch (error) {
    return tell(error, terminal);
  }
}

function wantsHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h');
}

/** The longest beginning of the line that is a command: `dead list`, or `audit`. */
function nameOf(args: readonly string[]): string | null {
  const [first = '', second = ''] = args;
  return [`${first} ${second}`, first].find((name) => Object.hasOwn(COMMANDS, name)) ?? null;
}

function unknown(asked: readonly string[], inGroup: readonly string[]): string {
  return inGroup.length > 0
    ? `there is no command ${asked.slice(0, 2).join(' ')}; there are ${inGroup.join(', ')}`
    : `there is no command ${asked[0]}; ms1 --help lists them`;
}

function contextOf(
  name: string,
  command: Command,
  terminal: Terminal,
  { args, connect, install, wait, stopped = new AbortController().signal }: CliOptions,
): CommandContext {
  const { positionals, values } = parse(name, command, args.slice(name.split(' ').length));
  const text = (option: string): string | undefined => {
    const value = values[option];
    return typeof value === 'string' ? value : undefined;
  };
  let api: ConsoleClient | undefined;
  return {
    terminal,
    positionals,
    text,
    texts: (option) =>
      [values[option]]
        .flat()
        .flatMap((value) => (typeof value === 'string' ? value.split(',') : []))
        .map((value) => value.trim())
        .filter((value) => value !== ''),
    flag: (option) => values[option] === true,
    wait,
    stopped,
    installation: (chosen) => install({ ...chosen, envFile: text('env') }),
    get api() {
      api ??= connect({
        url: text('url'),
        tokenFile: text('token-file'),
        envFile: text('env'),
      });
      return api;
    },
  };
}

function parse(name: string, command: Command, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries<Option>({ ...GLOBAL_OPTIONS, ...command.options }).map(
      ([option, { type, multiple = false }]) => [option, { type, multiple }],
    ),
  );
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    const most = command.args?.split(' ').length ?? 0;
    if (positionals.length > most) {
      throw new UsageError(`unexpected argument: ${positionals[most]}`);
    }
    return { positionals, values: values as Readonly<Record<string, unknown>> };
  } catch (error) {
    throw new UsageError(`${(error as Error).message} (ms1 ${name} --help)`);
  }
}

/** Says what went wrong. @returns the exit code @throws what nobody foresaw */
function tell(error: unknown, terminal: Terminal): number {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  if (error instanceof UsageError || code === 'config_invalid') {
    const type = code === 'usage' ? 'usage' : 'config_invalid';
    terminal.error({ type, title: message, status: null, exitCode: EXIT.usage });
    return EXIT.usage;
  }
  if (error instanceof ConsoleApiError) {
    const exitCode = exitCodeOf(error.status);
    const { problem, status } = error;
    terminal.error({
      type: problem?.type ?? 'about:blank',
      title: terminal.json ? (problem?.title ?? message) : message,
      status,
      ...(problem?.errors && { errors: problem.errors }),
      exitCode,
    });
    return exitCode;
  }
  throw error;
}

/** A request that the console takes for wrong is the command line's fault; what it does not find is a no. */
function exitCodeOf(status: number | null): number {
  if (status === 400 || status === 422) return EXIT.usage;
  return status === 404 || status === 409 || status === 412 ? EXIT.no : EXIT.refused;
}
