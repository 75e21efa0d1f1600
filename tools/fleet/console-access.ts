import { readFileSync } from 'node:fs';

import { FleetError } from './fleet-error.ts';
import type { Secrets } from './secrets.ts';
import type { Env } from './target.ts';

/** Who may use the console: what the person set, else what this data folder's fleet has made up. */
export interface ConsoleAccess {
  /** undefined: the person's own, which is not ours to show */
  password: string | undefined;
  token: string;
  /** the file that the person keeps the token in: the console reads it there itself */
  tokenFile: string | undefined;
}

/** @throws {FleetError} when OPS_CONSOLE_TOKEN_FILE cannot be read */
export function consoleAccess(env: Env, secrets: Secrets): ConsoleAccess {
  const ownPassword = env['OPS_CONSOLE_PASSWORD'] || env['OPS_CONSOLE_PASSWORD_FILE'];
  const tokenFile = env['OPS_CONSOLE_TOKEN_FILE'] || undefined;
  return {
    password: ownPassword ? undefined : secrets.consolePassword,
    token: tokenFile ? contentOf(tokenFile) : env['OPS_CONSOLE_TOKEN'] || secrets.consoleToken,
    tokenFile,
  };
}

function contentOf(tokenFile: string): string {
  try {
    return readFileSync(tokenFile, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new FleetError(
      `OPS_CONSOLE_TOKEN_FILE names ${tokenFile}, which cannot be read (${code})`,
    );
  }
}
