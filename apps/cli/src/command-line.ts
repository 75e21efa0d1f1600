import { Command as Commander, CommanderError, Option as CommanderOption } from 'commander';

import { type Command, type Commands, type Option, UsageError } from './command.ts';

/** What every command takes. */
export const GLOBAL_OPTIONS = {
  json: {
    type: 'boolean',
    about: 'one JSON document on stdout; errors as problem details on stderr',
  },
  url: { type: 'string', value: 'address', about: 'of ops-console, instead of OPS_CONSOLE_URL' },
  'token-file': {
    type: 'string',
    value: 'path',
    about: 'a file that holds the token, instead of OPS_CONSOLE_TOKEN',
  },
  // Not --env-file: Node takes that for itself wherever it stands, and ends with 9 when there is no such file.
  env: {
    type: 'string',
    value: 'path',
    about: 'instead of .env; the environment wins over it',
  },
} as const satisfies Record<string, Option>;

const EXIT_CODES = `
Exit codes: 0 done; 1 the answer is no: something unexplained, broken or not found; 2 the command line
or the environment is wrong; 3 ops-console does not answer, or does not let us.`;

/** A command that was asked for, and with what. */
export interface Asked {
  readonly command: Command;
  readonly positionals: readonly string[];
  /** by the option's name; an option that may be given several times has a list */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Reads a command line.
 *
 * @param write takes the help that was asked for
 * @returns null where help was asked for
 * @throws {UsageError}
 */
export function readCommandLine(
  commands: Commands,
  args: readonly string[],
  write: (text: string) => void,
): Asked | null {
  let asked: Asked | null = null;
  const program = new Commander('ms1')
    .description('Asks and steers the service through the API of ops-console.')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => undefined });
  const groups = new Map<string, Commander>();
  for (const [name, command] of Object.entries(commands)) {
    const [first = '', second] = name.split(' ');
    const group = groups.get(first) ?? (second === undefined ? program : program.command(first));
    if (second !== undefined) groups.set(first, group);
    const one = group.command(second ?? first).description(command.about);
    for (const arg of command.args?.split(' ') ?? []) one.argument(`[${arg.slice(1, -1)}]`);
    const own = add(one, command.options ?? {}, 'Options:');
    const global = add(one, GLOBAL_OPTIONS, 'With every command:');
    one.action(() => {
      const values = Object.fromEntries(
        [...own, ...global].map(([key, option]) => [key, one.getOptionValue(option)]),
      );
      asked = { command, positionals: one.args, values };
    });
  }
  for (const [name, group] of groups) {
    const names = group.commands.map((one) => `${name} ${one.name()}`);
    group.description(names.map((one) => one.slice(name.length + 1)).join(', '));
    group.action(() => {
      const [word = ''] = group.args;
      const what = `there is no command ${`${name} ${word}`.trim()}`;
      throw new UsageError(`${what}; there are ${names.join(', ')}`);
    });
    group.allowExcessArguments();
  }
  if (args.length === 0) {
    program.outputHelp();
    return null;
  }
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    throw new UsageError(
      `${error.message.replace(/^error: /, '').replaceAll('\n', ' ')} (ms1 --help)`,
    );
  }
  return asked;
}

/** @returns each option's name here and there */
function add(
  command: Commander,
  options: Readonly<Record<string, Option>>,
  heading: string,
): [string, string][] {
  return Object.entries(options).map(([name, { type, value = 'text', about, multiple }]) => {
    const flags = type === 'string' ? `--${name} <${value}>` : `--${name}`;
    const option = new CommanderOption(flags, about).helpGroup(heading);
    if (multiple) {
      option.argParser((one: string, before: string[] | undefined) => [...(before ?? []), one]);
    }
    command.addOption(option);
    return [name, option.attributeName()];
  });
}
