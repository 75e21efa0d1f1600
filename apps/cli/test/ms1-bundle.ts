import { execFile } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { QUEUES } from '@ms1/contracts';
import { AuditStore, Ledger } from '@ms1/ledger';
import { createQueue } from '@ms1/queue';
import { CONSOLE_TOKEN, openRedis, ownMachine, startConsole } from '@ms1/testkit';

import { runHere } from './run-here.ts';

const BIN = fileURLToPath(new URL('../bin/ms1.mjs', import.meta.url));
export const TOKEN = CONSOLE_TOKEN;
export const KEY = 'k'.repeat(22);

/** The console as a process over a private Redis, and `ms1` asking it. */
export async function consoleBundle() {
  await using stack = new AsyncDisposableStack();
  const { server, redis } = stack.use(await openRedis());
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix: '{ms1}' });
  const { url } = stack.use(await startConsole(server.url));
  const env = { OPS_CONSOLE_URL: url, OPS_CONSOLE_TOKEN: TOKEN };
  const opened = stack.move();
  return {
    env,
    redis,
    inbound,
    ledger: new Ledger(redis),
    audits: new AuditStore(redis),
    ms1: (...args: string[]) => ask(args, env.OPS_CONSOLE_URL),
    asked: (line: string) => askHere(line, env.OPS_CONSOLE_URL),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export function run(args: string[], env: Record<string, string>) {
  const machine = ownMachine(['node']);
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    // A home without anything of the person's.
    const options = { env: { ...machine.env, ...env }, cwd: machine.path };
    execFile(process.execPath, [BIN, ...args], options, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  }).finally(() => machine[Symbol.dispose]());
}

const ask = (args: string[], baseUrl: string) =>
  runHere(args, { baseUrl, token: TOKEN, wait: () => turn() });

async function askHere(line: string, baseUrl: string) {
  const { code, out, err } = await ask([...line.split(' '), '--json'], baseUrl);
  // Its shape is what the tests look at, field by field.
  return { code, answer: JSON.parse(out || err) };
}

/** The document that it printed; what it said instead is in the error. */
export function onlyOut({ out, err }: { out: string; err: string }): object {
  if (err) throw new Error(err);
  return JSON.parse(out) as object;
}
