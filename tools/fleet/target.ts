import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { FleetError } from './fleet-error.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** What the fleet runs against, and every variable that the person set. */
export interface Target {
  kind: 'simulated' | 'real';
  env: Env;
}

/** Setting any of these says: not the simulator. Each may come from a file (`*_FILE`) where it is a secret. */
const REAL = [
  ['GRAPH_TENANT_ID'],
  ['GRAPH_CLIENT_ID'],
  ['GRAPH_CLIENT_SECRET', 'GRAPH_CLIENT_SECRET_FILE'],
  ['MAILBOXES'],
  ['MS4_BASE_URL'],
  ['MS4_TOKEN', 'MS4_TOKEN_FILE', 'MS4_API_KEY', 'MS4_API_KEY_FILE'],
] as const;

/**
 * Decides by the environment and the `.env` file. The environment wins, as everywhere; an empty
 * variable counts as not set, so that a copied .env.example changes nothing.
 *
 * @throws {FleetError} naming what is missing when only half of the credentials are there
 */
export function readTarget(environment: Env, envFile: string): Target {
  const env = { ...parseEnv(contentOf(envFile)), ...withoutEmpty(environment) };
  const isSet = (names: readonly string[]): boolean => names.some((name) => env[name]);
  const missing = REAL.filter((names) => !isSet(names));
  if (missing.length === REAL.length) return { kind: 'simulated', env };
  if (missing.length === 0) return { kind: 'real', env };
  const given = REAL.find((names) => isSet(names))?.find((name) => env[name]);
  const names = missing.map((alternatives) => alternatives.filter(isNoFile).join(' or '));
  throw new FleetError(
    `${given} is set, so the fleet would run against the real services, but ${list(names)} ${names.length === 1 ? 'is' : 'are'} missing: set the rest in .env (see .env.example), or unset all of them for the simulated run`,
  );
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new FleetError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function withoutEmpty(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

function isNoFile(name: string): boolean {
  return !name.endsWith('_FILE');
}

function list(names: readonly string[]): string {
  return names.length < 2
    ? names.join('')
    : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
