import type { ConsoleClient } from '@ms1/console-api';
import type { Installation } from '@ms1/doctor';

import type { Terminal } from './terminal.ts';

/** How a command ends. Scripts decide by it. */
export const EXIT = {
  ok: 0,
  /** it worked, and the answer is no: unexplained messages, mail that does not flow, a failed check, nothing found */
  no: 1,
  /** the command line or the environment is wrong */
  usage: 2,
  /** the console does not answer, or does not let us */
  refused: 3,
} as const;

export interface Option {
  type: 'string' | 'boolean';
  about: string;
  /** what stands for its value in --help, such as `time` */
  value?: string;
  /** may be given several times */
  multiple?: boolean;
}

/** What the options that every command takes say. */
export interface Connection {
  url?: string | undefined;
  tokenFile?: string | undefined;
  envFile?: string | undefined;
}

export interface CommandContext {
  /** the console's API; the first use reads where and as whom */
  readonly api: ConsoleClient;
  readonly terminal: Terminal;
  /** what stands after the command */
  readonly positionals: readonly string[];
  /** the value of an option that takes one */
  readonly text: (name: string) => string | undefined;
  /** all values of an option that may be given several times, or several separated by commas */
  readonly texts: (name: string) => string[];
  readonly flag: (name: string) => boolean;
  readonly wait: (ms: number) => Promise<void>;
  /** aborts when the person presses Ctrl-C */
  readonly stopped: AbortSignal;
  /** what ms1 doctor looks at, and ms1 shards changes */
  readonly installation: (options: { canary?: string | undefined }) => Installation;
}

export type Commands = Readonly<Record<string, Command>>;

export interface Command {
  /** what stands after the command's name, such as `<id>` */
  args?: string;
  about: string;
  options?: Readonly<Record<string, Option>>;
  run(context: CommandContext): Promise<number>;
}

/** The command line does not say what it must. */
export class UsageError extends Error {
  readonly code = 'usage';

  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The positional argument that a command cannot do without. */
export function needed({ positionals }: CommandContext, what: string): string {
  const value = positionals[0];
  if (value === undefined) throw new UsageError(`say which: ${what}`);
  return value;
}

/**
 * What an option says, as a whole number.
 *
 * @throws {UsageError}
 */
export function wholeNumber({ text }: CommandContext, name: string): number | undefined {
  const value = text(name);
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new UsageError(`--${name} must be a whole number`);
  return Number(value);
}

/** What destroys is done only when it was said twice. @throws {UsageError} */
export function confirmed({ flag }: CommandContext, what: string): void {
  if (!flag('yes')) throw new UsageError(`${what}: to do it, add --yes`);
}
