import { parseArgs } from 'node:util';

import { type Command, EXIT, UsageError } from './command.ts';
import { auditCommands } from './commands/audit.ts';
import { deadCommands } from './commands/dead.ts';
import { findCommands } from './commands/find.ts';
import { sessionCommands } from './commands/sessions.ts';
import { type ConsoleApi, ConsoleApiError } from './console-api.ts';
import { type Out, Terminal } from './terminal.ts';

export interface CliOptions {
  args: readonly string[];
  stdout: Out;
  stderr: Out;
  /** asked only when a command is really run: help needs no configuration */
  connect: () => ConsoleApi;
  wait: (ms: number) => Promise<void>;
}

const COMMANDS: Record<string, Command> = {
  ...sessionCommands,
  ...auditCommands,
  ...findCommands,
  ...deadCommands,
};
const GLOBAL = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

/** Runs one command line. @returns the exit code */
export async function runCli({ args, stdout, stderr, connect, wait }: CliOptions): Promise<number> {
  const terminal = new Terminal({ stdout, stderr, json: args.includes('--json') });
  const name = nameOf(args);
  const command = name === null ? undefined : COMMANDS[name];
  if (!command || name === null) {
    stdout.write(help());
    return args.length === 0 || args.includes('--help') || args.includes('-h')
      ? EXIT.ok
      : EXIT.usage;
  }
  try {
    const parsed = parse(command, args.slice(name.split(' ').length));
    const { positionals } = parsed;
    const values: Readonly<Record<string, unknown>> = parsed.values;
    if (values['help']) {
      stdout.write(`ms1 ${command.usage}\n  ${command.about}\n`);
      return EXIT.ok;
    }
    return await command.run({
      api: connect(),
      terminal,
      positionals,
      text: (option) => {
        const value = values[option];
        return typeof value === 'string' ? value : undefined;
      },
      flag: (option) => values[option] === true,
      wait,
    });
  } catch (error) {
    terminal.error(error instanceof Error ? error.message : String(error));
    if (error instanceof UsageError) return EXIT.usage;
    if (error instanceof ConsoleApiError) return EXIT.refused;
    if ((error as { code?: unknown }).code === 'config_invalid') return EXIT.usage;
    throw error;
  }
}

/** The longest beginning of the line that is a command: `dead list`, or `audit`. */
function nameOf(args: readonly string[]): string | null {
  const [first = '', second = ''] = args;
  return [`${first} ${second}`, first].find((name) => name in COMMANDS) ?? null;
}

function parse(command: Command, args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { ...GLOBAL, ...command.options },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n  ms1 ${command.usage}`);
  }
}

function help(): string {
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));
  const lines = Object.values(COMMANDS).map(
    ({ usage, about }) => `  ms1 ${usage.padEnd(width)}  ${about}`,
  );
  return [
    'Asks and steers the service through the API of ops-console.',
    '',
    ...lines,
    '',
    'Every command takes --json and --help. OPS_CONSOLE_URL and OPS_CONSOLE_TOKEN (or OPS_CONSOLE_TOKEN_FILE)',
    'say where and as whom. Exit code 0: done. 1: something is not accounted for. 2: the command line or the',
    'environment is wrong. 3: the console does not answer or refused.',
    '',
  ].join('\n');
}
