import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { UsageError } from './command.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The environment over what the `.env` file says, as `npm start` reads them. An empty variable counts
 * as not set, so it hides nothing.
 *
 * @param file the file that was named; undefined: `.env` here, if there is one
 * @throws {UsageError} when the named file cannot be read
 */
export function readEnvironment(environment: Env, file: string | undefined): Env {
  const set = Object.entries(environment).filter(([, value]) => value !== '');
  return { ...parseEnv(contentOf(file)), ...Object.fromEntries(set) };
}

function contentOf(file: string | undefined): string {
  try {
    return readFileSync(file ?? '.env', 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (file === undefined && (code === 'ENOENT' || code === 'EACCES')) return '';
    throw new UsageError(`${file ?? '.env'} cannot be read (${code})`);
  }
}
