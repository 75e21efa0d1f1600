import {
  credentialsProblem,
  graphConfig,
  mailboxConfig,
  notificationConfig,
} from '@ms1/graph-client';
import { lookupConfig } from '@ms1/ledger';
import { ms4Config, ms4Problems } from '@ms1/ms4-client';
import { payloadConfig } from '@ms1/queue';
import { redisConfig } from '@ms1/redis';
import { ConfigError, loadConfig, sharedConfig } from '@ms1/runtime';
import { z } from 'zod';
import { NotCheckableError } from './check.ts';
import { doctorConfig } from './doctor-config.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Ports are each process's own business. */
const { HEALTH_PORT: _, ...shared } = sharedConfig(0);

/**
 * What the processes read, in the parts that the packages declare. Each is read by itself: what is
 * wrong with one must not hide what is wrong with the others.
 */
const PARTS = {
  shared: z.object({ ...shared, ...redisConfig }),
  graph: z.object(graphConfig),
  mailboxes: z.object(mailboxConfig),
  notifications: z.object(notificationConfig),
  ms4: z.object(ms4Config),
  lookup: z.object(lookupConfig),
  payloads: z.object(payloadConfig),
  doctor: z.object(doctorConfig),
};
type Parts = typeof PARTS;

/** The environment as the apps see it. */
export class Settings {
  /** names of all that are read */
  static readonly variables = Object.values(PARTS).flatMap(({ shape }) => Object.keys(shape));
  readonly #read: { [P in keyof Parts]: z.infer<Parts[P]> | ConfigError };
  /** which are set, whatever to: as themselves or as a file */
  readonly isSet: (variable: string) => boolean;

  constructor(env: Env) {
    this.isSet = (variable) => Boolean(env[variable] || env[`${variable}_FILE`]);
    const read = (part: keyof Parts) => {
      try {
        return complete(part, loadConfig(PARTS[part] as z.ZodObject, env));
      } catch (error) {
        if (error instanceof ConfigError) return error;
        throw error;
      }
    };
    this.#read = Object.fromEntries(
      Object.keys(PARTS).map((part) => [part, read(part as keyof Parts)]),
    ) as { [P in keyof Parts]: z.infer<Parts[P]> | ConfigError };
  }

  /** @throws {NotCheckableError} when a variable of this part is missing or malformed */
  get<P extends keyof Parts>(part: P): z.infer<Parts[P]> {
    const value = this.#read[part];
    if (!(value instanceof ConfigError)) return value as z.infer<Parts[P]>;
    throw new NotCheckableError('its variables are missing or malformed: see configuration');
  }

  /** Every variable that is missing or malformed, without a value. */
  get problems(): string[] {
    return Object.values(this.#read).flatMap((read) =>
      read instanceof ConfigError ? read.problems : [],
    );
  }
}

/** @throws {ConfigError} when each variable is right and together they are not */
function complete<T>(part: keyof Parts, value: T): T {
  const problems: string[] = [];
  if (part === 'graph') problems.push(credentialsProblem(value as object) ?? '');
  if (part === 'ms4') {
    for (const { variable, message } of ms4Problems(value as object)) {
      problems.push(`${variable}: ${message}`);
    }
  }
  const told = problems.filter((problem) => problem !== '');
  if (told.length > 0) throw new ConfigError(told);
  return value;
}
