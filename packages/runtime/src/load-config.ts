import { readFileSync } from 'node:fs';
import { z } from 'zod';

import { armFailpoint } from './failpoints.ts';
import { requireSecureOrigin } from './require-secure-origin.ts';
import type { TrustedNetwork } from './trusted-network.ts';

/** Names every variable that is missing or malformed, never a value: a value may be a secret. */
export class ConfigError extends Error {
  readonly code = 'config_invalid';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const UNVERIFIED =
  'NODE_TLS_REJECT_UNAUTHORIZED=0 would hand every secret to whoever answers: name a private CA in NODE_EXTRA_CA_CERTS';

/** Marks a variable as a secret, which may then come from a file: FOO_FILE=/run/secrets/foo is read as FOO. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ secret: true });
}

/**
 * Reads a process's configuration from its environment by one schema. An empty variable counts as
 * not set, because that is what `FOO=` in an env file means.
 *
 * @throws {ConfigError} with every problem at once
 */
export function loadConfig<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<z.ZodObject<S>> {
  const problems: string[] = [];
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') problems.push(UNVERIFIED);
  const failpoint = armFailpoint(env);
  if (failpoint !== undefined) problems.push(failpoint);
  const values: Record<string, string> = {};
  for (const [name, field] of Object.entries(schema.shape)) {
    const value = valueOf(name, field as z.ZodType, env, problems);
    if (value !== undefined && value !== '') values[name] = value;
  }
  problems.push(...untrusted(schema.shape, values));
  const result = schema.safeParse(values);
  if (!result.success) {
    for (const { path, message } of result.error.issues) {
      const name = path.join('.');
      const missing = name !== '' && !(String(path[0]) in values);
      problems.push(
        missing ? `${name} is not set: ${message}` : `${name || 'configuration'}: ${message}`,
      );
    }
  }
  if (problems.length > 0 || !result.success) throw new ConfigError(problems);
  return result.data;
}

/** What is wrong with each `trustedUrl`, by the network beside it. */
function untrusted(
  shape: Readonly<z.ZodRawShape>,
  values: Readonly<Record<string, string>>,
): string[] {
  const network = (shape['TRUSTED_NETWORK'] as z.ZodType | undefined)?.safeParse(
    values['TRUSTED_NETWORK'],
  ).data as TrustedNetwork | undefined;
  return Object.entries(shape).flatMap(([name, field]) => {
    const value = values[name];
    if (value === undefined || !isTrusted(field as z.ZodType)) return [];
    try {
      requireSecureOrigin(value, 'it', network);
      return [];
    } catch (error) {
      return [`${name}: ${(error as Error).message}`];
    }
  });
}

function isTrusted(field: z.ZodType): boolean {
  return field instanceof z.ZodOptional
    ? isTrusted(field.unwrap() as z.ZodType)
    : Boolean(field.meta()?.['trusted']);
}

function valueOf(
  name: string,
  field: z.ZodType,
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): string | undefined {
  const file = field.meta()?.['secret'] ? env[`${name}_FILE`] : undefined;
  if (!file) return env[name];
  if (env[name]) {
    problems.push(`${name} and ${name}_FILE are both set: keep one`);
    return env[name];
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    problems.push(`${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}

/**
 * {@link loadConfig} for an entrypoint: on a problem it writes one line for each to stderr and exits
 * with 1. It may exit itself because it runs before anything is open.
 */
export function configOrExit<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<z.ZodObject<S>> {
  try {
    return loadConfig(schema, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.problems.map((problem) => `config: ${problem}`).join('\n')}\n`);
    process.exit(1);
  }
}
