/** `ms1`: one command, asked of ops-console. Ends when it is answered. */
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '@ms1/runtime';

import { Config } from './config.ts';
import { ConsoleApi } from './console-api.ts';
import { runCli } from './run-cli.ts';

// config
const config = () => loadConfig(Config, process.env);

// connect
const connect = (): ConsoleApi => {
  const { OPS_CONSOLE_URL: baseUrl, OPS_CONSOLE_TOKEN: token } = config();
  return new ConsoleApi({ baseUrl, token, operator: process.env['USER'] ?? 'unknown' });
};

// wire
const { stdout, stderr } = process;
const args = process.argv.slice(2);
const wait = async (ms: number): Promise<void> => {
  await delay(ms);
};

// run
const exitCode = await runCli({ args, stdout, stderr, connect, wait });

// shutdown
process.exitCode = exitCode;
