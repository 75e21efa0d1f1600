import type { ParseArgsOptionsConfig } from 'node:util';

import type { ConsoleApi } from './console-api.ts';
import type { Terminal } from './terminal.ts';

/** How a command ends. Scripts decide by it. */
export const EXIT = {
  ok: 0,
  /** it worked, and what it found is bad: unexplained messages, an operation that did not finish */
  found: 1,
  /** the command line or the environment is wrong */
  usage: 2,
  /** the console does not answer, or refused */
  refused: 3,
} as const;

export interface CommandContext {
  api: ConsoleApi;
  terminal: Terminal;
  /** what stands after the command */
  positionals: readonly string[];
  /** the value of an option that takes one */
  readonly text: (name: string) => string | undefined;
  readonly flag: (name: string) => boolean;
  readonly wait: (ms: number) => Promise<void>;
}

export interface Command {
  /** what stands after `ms1`, for --help */
  usage: string;
  about: string;
  options?: ParseArgsOptionsConfig;
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
  return encodeURIComponent(value);
}
