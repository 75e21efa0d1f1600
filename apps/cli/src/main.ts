/** `ms1`: one command, asked of ops-console, or of the installation itself. Ends when it is answered. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ConsoleClient } from '@ms1/console-api';
import { Installation } from '@ms1/doctor';
import { loadConfig, systemClock } from '@ms1/runtime';

import type { Connection } from './command.ts';
import { Config } from './config.ts';
import { readEnvironment } from './read-environment.ts';
import { runCli } from './run-cli.ts';
import { orOfRunningFleet } from './running-fleet.ts';

/** Where `npm start` keeps its data, unless MS1_DATA_DIR says otherwise. */
const DATA = fileURLToPath(new URL('../../../.data', import.meta.url));

// config
const environmentOf = (file: string | undefined) =>
  readEnvironment(process.env, file ?? process.env['MS1_ENV_FILE']);
const configOf = ({ url, tokenFile, envFile }: Connection) => {
  const env: Readonly<Record<string, string | undefined>> = {
    ...environmentOf(envFile),
    ...(url !== undefined && { OPS_CONSOLE_URL: url }),
    ...(tokenFile !== undefined && {
      OPS_CONSOLE_TOKEN: undefined,
      OPS_CONSOLE_TOKEN_FILE: tokenFile,
    }),
  };
  return loadConfig(Config, orOfRunningFleet(env, env['MS1_DATA_DIR'] ?? DATA));
};

// connect
const connect = (connection: Connection): ConsoleClient => {
  const { OPS_CONSOLE_URL: baseUrl, OPS_CONSOLE_TOKEN: token } = configOf(connection);
  const operator = process.env['USER'] ?? 'unknown';
  return new ConsoleClient({ baseUrl, token, operator, newKey: randomUUID });
};

// wire
const { stdout, stderr } = process;
const interrupt = new AbortController();
const { signal: stopped } = interrupt;
const wait = async (ms: number): Promise<void> => {
  await delay(ms, undefined, { signal: stopped }).catch(() => undefined);
};

// Whoever read the output is gone (ms1 ... | head -1): nobody is told any more, and what waits ends.
for (const stream of [stdout, stderr]) stream.on('error', () => interrupt.abort());

// run
process.once('SIGINT', () => {
  interrupt.abort();
  // What is asked of the console is the console's: it goes on by itself. A second one ends at once.
  process.exitCode = 130;
});
const exitCode = await runCli({
  args: process.argv.slice(2),
  stdout,
  stderr,
  color: !process.env['NO_COLOR'],
  connect,
  install: ({ envFile, canary }) =>
    new Installation({ env: environmentOf(envFile), clock: systemClock, canary }),
  wait,
  stopped,
});

// shutdown
process.exitCode ??= exitCode;
