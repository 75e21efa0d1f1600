import type { Command, Commands, Option } from './command.ts';

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
  help: { type: 'boolean', about: 'this' },
} as const satisfies Record<string, Option>;

/** `--help` of one command. */
export function helpOf(name: string, { args, about, options = {} }: Command): string {
  const usage = ['ms1', name, args, Object.keys(options).length > 0 ? '[options]' : '']
    .filter(Boolean)
    .join(' ');
  const own = linesOf(options);
  return [
    usage,
    `  ${about}`,
    ...(own.length > 0 ? ['', 'Options:', ...own] : []),
    '',
    'With every command:',
    ...linesOf(GLOBAL_OPTIONS),
    '',
  ].join('\n');
}

/** `--help` of some commands, or of all of them. */
export function helpOfAll(commands: Commands, names: readonly string[]): string {
  const usages = names.map((name) => ['ms1', name, commands[name]?.args].filter(Boolean).join(' '));
  const width = Math.max(...usages.map(({ length }) => length));
  return [
    'Asks and steers the service through the API of ops-console.',
    '',
    ...names.map((name, index) => `  ${usages[index]?.padEnd(width)}  ${commands[name]?.about}`),
    '',
    'ms1 <command> --help lists its options. With every command:',
    ...linesOf(GLOBAL_OPTIONS),
    '',
    'Exit codes: 0 done; 1 the answer is no: something unexplained, broken or not found; 2 the command line',
    'or the environment is wrong; 3 ops-console does not answer, or does not let us.',
    '',
  ].join('\n');
}

function linesOf(options: Readonly<Record<string, Option>>): string[] {
  const left = Object.entries(options).map(
    ([name, { value, type }]) => `--${name}${type === 'string' ? ` <${value ?? 'text'}>` : ''}`,
  );
  const width = Math.max(...left.map(({ length }) => length));
  return Object.values(options).map(
    ({ about }, index) => `  ${left[index]?.padEnd(width)}  ${about}`,
  );
}
