import { ConsoleApiError, type ConsoleClient } from '@ms1/console-api';
import type { Installation } from '@ms1/doctor';
import { ShardsBusyError } from '@ms1/ledger';
import { RedisStartError } from '@ms1/redis';

import { COMMANDS } from './all-commands.ts';
import { type CommandContext, type Connection, EXIT, UsageError } from './command.ts';
import { type Asked, readCommandLine } from './command-line.ts';
import { type Out, Terminal } from './terminal.ts';

export interface CliOptions {
  args: readonly string[];
  stdout: Out;
  stderr: Out;
  /** false where NO_COLOR is set */
  color?: boolean;
  /** asked only when a command needs it: help and doctor need no console */
  connect: (connection: Connection) => ConsoleClient;
  /** asked by doctor and shards only */
  install: (options: { envFile?: string | undefined; canary?: string | undefined }) => Installation;
  wait: (ms: number) => Promise<void>;
  stopped?: AbortSignal;
}

/** Runs one command line. @returns the exit code */
export async function runCli(options: CliOptions): Promise<number> {
  const { args, stdout, stderr, color = true } = options;
  const terminal = new Terminal({ stdout, stderr, json: args.includes('--json'), color });
  try {
    const asked = readCommandLine(COMMANDS, args, (text) => stdout.write(text));
    return asked === null ? EXIT.ok : await asked.command.run(contextOf(asked, terminal, options));
  } catch (error) {
    return tell(error, terminal);
  }
}

function contextOf(
  { positionals, values }: Asked,
  terminal: Terminal,
  { connect, install, wait, stopped = new AbortController().signal }: CliOptions,
): CommandContext {
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

/** Says what went wrong. @returns the exit code @throws what nobody foresaw */
function tell(error: unknown, terminal: Terminal): number {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  if (error instanceof UsageError || code === 'config_invalid') {
    const type = code === 'usage' ? 'usage' : 'config_invalid';
    terminal.error({ type, title: message, status: null, exitCode: EXIT.usage });
    return EXIT.usage;
  }
  if (error instanceof ShardsBusyError || error instanceof RedisStartError) {
    const exitCode = error instanceof ShardsBusyError ? EXIT.no : EXIT.refused;
    terminal.error({ type: error.code, title: message, status: null, exitCode });
    return exitCode;
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
