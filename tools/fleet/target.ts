import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { FleetError } from './fleet-error.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** What the fleet runs against, and every variable that the person set. */
export interface Target {
  kind: 'simulated' | 'real';
  env: Env;
}

/** What the real services need: how a refusal names it, and the variables of which one is enough. */
const NEEDED = [
  { name: 'GRAPH_TENANT_ID', any: ['GRAPH_TENANT_ID', 'GRAPH_TENANTS_FILE'] },
  {
    name: 'GRAPH_CLIENT_ID',
    any: ['GRAPH_CLIENT_ID', 'GRAPH_MANAGED_IDENTITY', 'GRAPH_TENANTS_FILE'],
  },
  {
    name: 'GRAPH_CLIENT_SECRET',
    any: [
      'GRAPH_CLIENT_SECRET',
      'GRAPH_CLIENT_SECRET_FILE',
      'GRAPH_CLIENT_CERTIFICATE',
      'GRAPH_CLIENT_CERTIFICATE_FILE',
      'GRAPH_MANAGED_IDENTITY',
      'GRAPH_TENANTS_FILE',
      'AZURE_FEDERATED_TOKEN_FILE',
    ],
  },
  { name: 'MS4_BASE_URL', any: ['MS4_BASE_URL'] },
  {
    name: 'MS4_TOKEN or MS4_API_KEY',
    any: ['MS4_TOKEN', 'MS4_TOKEN_FILE', 'MS4_API_KEY', 'MS4_API_KEY_FILE'],
  },
] as const;

/** Set by the platform in any container of a pod, so that it alone says nothing. */
const AMBIENT = 'AZURE_FEDERATED_TOKEN_FILE';

/** Setting any of these says: not the simulator. */
const REAL = [...NEEDED.flatMap(({ any }) => any), 'MAILBOXES'].filter((name) => name !== AMBIENT);

/**
 * Decides by the environment and the file that MS1_ENV_FILE names, else `.env`. The environment wins, as
 * everywhere; an empty variable counts as not set, so that a copied .env.example changes nothing.
 *
 * @param envFile read where MS1_ENV_FILE names no other; it need not exist
 * @throws {FleetError} naming what is missing when only half of the credentials are there, or the file that
 *   was named and cannot be read
 */
export function readTarget(environment: Env, envFile: string): Target {
  const set = withoutEmpty(environment);
  const env = { ...withoutEmpty(parseEnv(contentOf(set['MS1_ENV_FILE'], envFile))), ...set };
  const given = REAL.find((name) => env[name]);
  if (given === undefined) return { kind: 'simulated', env };
  const missing = NEEDED.filter(({ any }) => !any.some((name) => env[name]));
  if (missing.length === 0) return { kind: 'real', env };
  const names = missing.map(({ name }) => name);
  throw new FleetError(
    `${given} is set, so the fleet would run against the real services, but ${list(names)} ${names.length === 1 ? 'is' : 'are'} missing: set the rest in .env (see .env.example), or unset all of them for the simulated run`,
  );
}

/** Whether the fleet brings its own Redis: always, unless real services come with one. */
export function needsPrivateRedis({ kind, env }: Target): boolean {
  return kind === 'simulated' || !(env['REDIS_URL'] || env['REDIS_URL_FILE']);
}

function contentOf(named: string | undefined, fallback: string): string {
  const file = named ?? fallback;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (named === undefined && code === 'ENOENT') return '';
    const what = named === undefined ? file : `MS1_ENV_FILE names ${file}, which`;
    throw new FleetError(`${what} cannot be read (${code})`);
  }
}

function withoutEmpty(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

function list(names: readonly string[]): string {
  return names.length < 2
    ? names.join('')
    : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
