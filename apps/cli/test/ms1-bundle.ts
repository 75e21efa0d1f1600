import { execFile } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ConsoleClient } from '@ms1/console-api';
import { QUEUES } from '@ms1/contracts';
import { AuditStore, Ledger } from '@ms1/ledger';
import { createQueue } from '@ms1/queue';
import { freePort, mainOf, openRedis, ownMachine, spawnApp } from '@ms1/testkit';

import { runCli } from '../src/run-cli.ts';

const BIN = fileURLToPath(new URL('../bin/ms1.mjs', import.meta.url));
export const TOKEN = 'token-of-sixteen-or-more';
const MAILBOX = '11111111-1111-4111-8111-111111111111';
export const KEY = 'k'.repeat(22);

/** The console as a process over a private Redis, and `ms1` asking it. */
export async function consoleBundle() {
  await using stack = new AsyncDisposableStack();
  const { server, redis } = stack.use(await openRedis());
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix: '{ms1}' });
  const [port, health] = [await freePort(), await freePort()];
  const app = stack.use(
    spawnApp({
      entry: mainOf('ops-console'),
      env: {
        REDIS_URL: server.url,
        HEALTH_PORT: String(health),
        OPS_CONSOLE_PORT: String(port),
        OPS_CONSOLE_PASSWORD: 'correct horse',
        OPS_CONSOLE_TOKEN: TOKEN,
        GRAPH_TENANT_ID: '22222222-2222-4222-8222-222222222222',
        MAILBOXES: MAILBOX,
      },
    }),
  );
  await app.ready(`http://127.0.0.1:${health}/readyz`);
  const env = { OPS_CONSOLE_URL: `http://127.0.0.1:${port}`, OPS_CONSOLE_TOKEN: TOKEN };
  const opened = stack.move();
  return {
    env,
    redis,
    inbound,
    ledger: new Ledger(redis),
    audits: new AuditStore(redis),
    ms1: (...args: string[]) => runHere(args, env.OPS_CONSOLE_URL),
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

/** The same command line in this process, which takes a tenth of one of its own. */
async function runHere(args: string[], baseUrl: string) {
  const [out, err] = [sink(), sink()];
  const code = await runCli({
    args,
    stdout: out,
    stderr: err,
    connect: () =>
      new ConsoleClient({
        baseUrl,
        token: TOKEN,
        operator: 'test',
        newKey: () => crypto.randomUUID(),
      }),
    install: () => {
      throw new Error('only doctor asks');
    },
    wait: () => turn(),
  });
  return { code, out: out.text, err: err.text };
}

async function askHere(line: string, baseUrl: string) {
  const { code, out, err } = await runHere([...line.split(' '), '--json'], baseUrl);
  // Its shape is what the tests look at, field by field.
  return { code, answer: JSON.parse(out || err) };
}

/** The document that it printed; what it said instead is in the error. */
export function onlyOut({ out, err }: { out: string; err: string }): object {
  if (err) throw new Error(err);
  return JSON.parse(out) as object;
}

function sink() {
  const written = { text: '', write: (text: string) => (written.text += text) };
  return written;
}
