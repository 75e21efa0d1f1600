import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { JOBS, jobIdOf, QUEUES } from '@ms1/contracts';
import { closeRedis, connectRedis, createQueue } from '@ms1/queue';
import { AuditStore, Ledger } from '@ms1/store';
import { freePort, ownMachine, spawnApp, startRedis, until } from '@ms1/testkit';

import { ConsoleApi } from '../src/console-api.ts';
import { runCli } from '../src/run-cli.ts';

const CONSOLE = fileURLToPath(new URL('../../ops-console/src/main.ts', import.meta.url));
const BIN = fileURLToPath(new URL('../bin/ms1.mjs', import.meta.url));
const TOKEN = 'token-of-sixteen-or-more';
const MAILBOX = '11111111-1111-4111-8111-111111111111';
const KEY = 'k'.repeat(22);

/** The console as a process over a private Redis, and `ms1` asking it. */
async function setup() {
  const stack = new AsyncDisposableStack();
  const { url } = stack.use(await startRedis());
  const redis = await connectRedis({ url, role: 'worker', name: 'test' });
  stack.defer(() => closeRedis(redis));
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix: '{ms1}' });
  stack.defer(() => inbound.close());
  const [port, health] = [await freePort(), await freePort()];
  const app = stack.use(
    spawnApp({
      entry: CONSOLE,
      env: {
        REDIS_URL: url,
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
  return {
    env,
    redis,
    inbound,
    ledger: new Ledger(redis),
    audits: new AuditStore(redis),
    ms1: (...args: string[]) => runHere(args, env.OPS_CONSOLE_URL),
    asked: (line: string) => askHere(line, env.OPS_CONSOLE_URL),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function run(args: string[], env: Record<string, string>) {
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
      new ConsoleApi({
        baseUrl,
        token: TOKEN,
        operator: 'test',
        newKey: () => crypto.randomUUID(),
      }),
    install: () => {
      throw new Error('only doctor asks');
    },
    wait: () => delay(20),
  });
  return { code, out: out.text, err: err.text };
}

async function askHere(line: string, baseUrl: string) {
  const { code, out, err } = await runHere([...line.split(' '), '--json'], baseUrl);
  // Its shape is what the tests look at, field by field.
  return { code, answer: JSON.parse(out || err) };
}

/** The document that it printed; what it said instead is in the error. */
function onlyOut({ out, err }: { out: string; err: string }): object {
  if (err) throw new Error(err);
  return JSON.parse(out) as object;
}

function sink() {
  const written = { text: '', write: (text: string) => (written.text += text) };
  return written;
}

describe('ms1', () => {
  test('does all that the API does, and what it changes is seen at once', async () => {
    await using bundle = await setup();
    const { asked } = bundle;
    const other = '33333333-3333-4333-8333-333333333333';
    expect(await asked('status')).toMatchObject({
      code: 0,
      answer: { verdict: expect.any(String), queues: expect.any(Array), totals: { delivered: 0 } },
    });
    const added = await asked(`mailboxes add ${other} --label archive --folders inbox,archive`);
    expect(added).toMatchObject({ code: 0, answer: { state: 'active', label: 'archive' } });
    expect(await asked(`mailboxes add ${other}`)).toMatchObject({
      code: 1,
      answer: { status: 409 },
    });
    expect((await asked(`mailboxes pause ${other}`)).answer).toMatchObject({ state: 'paused' });
    expect((await asked(`mailboxes resume ${other}`)).answer).toMatchObject({ state: 'active' });
    const changed = await asked(`mailboxes change ${other} --label old --folders inbox`);
    expect(changed.answer).toMatchObject({ label: 'old', folders: [{ folderId: 'inbox' }] });
    const late = await asked(`mailboxes change ${other} --label x --if-revision 1`);
    expect(late).toMatchObject({ code: 1, answer: { status: 409 } });
    expect((await asked('mailboxes list')).answer).toHaveLength(2);
    expect((await asked(`mailboxes remove ${other} --yes`)).answer).toMatchObject({
      state: 'removed',
    });
    expect((await asked('mailboxes list')).answer).toHaveLength(1);
    expect(await asked(`mailboxes show ${KEY}`)).toMatchObject({ code: 2 });

    expect((await asked('queues pause outbound --reason repair')).answer).toMatchObject({
      name: 'outbound',
      paused: true,
    });
    await until(async () => (await asked('status')).code === 1, { what: 'mail does not flow' });
    expect((await asked('queues resume outbound')).answer).toMatchObject({ paused: false });
    expect(await asked('queues pause nowhere')).toMatchObject({ code: 1, answer: { status: 404 } });
    expect((await asked('queues list')).answer).toHaveLength(3);

    expect(await asked('subscriptions list')).toMatchObject({ code: 0, answer: [] });
    expect((await asked('subscriptions renew')).answer).toEqual({ asked: true });
    expect((await asked('fleet')).answer).toMatchObject({
      missing: ['ingest-api', 'poller', 'processor', 'ms4-sender'],
    });
    expect((await asked('tenants list')).answer).toHaveLength(1);
    expect((await asked('audits rolling')).answer).toMatchObject({ counts: { unexplained: 0 } });
    expect((await asked('audits list')).answer).toEqual([]);
    const actions = (await asked('actions list --limit 500')).answer as { action: string }[];
    expect(actions.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['POST /queues/:name/pause', 'DELETE /mailboxes/:id']),
    );

    await bundle.ledger.record([{ key: KEY, state: 'queued', at: 1_000 }]);
    await bundle.ledger.record([{ key: KEY, state: 'delivered', at: 2_000, receipt: 'r-1' }]);
    const { code, answer } = await asked(`find --key ${KEY}`);
    expect([code, answer[0].timeline.at(-1)]).toMatchObject([
      0,
      { event: 'delivered', receipt: 'r-1' },
    ]);
  });

  test('doctor as a process: one document, 1 when a check failed, and no console is asked', async () => {
    await using redis = await startRedis({ flags: { 'maxmemory-policy': 'allkeys-lru' } });
    const env = { REDIS_URL: redis.url };
    const { code, out, err } = await run(['doctor', '--only', 'redis', '--json'], env);
    const { status, checks } = JSON.parse(out) as { status: string; checks: { name: string }[] };
    expect([code, status, err]).toEqual([1, 'fail', '']);
    expect(checks.find(({ name }) => name === 'redis.eviction')).toMatchObject({
      status: 'fail',
      remedy: expect.stringContaining('noeviction'),
    });
    const one = await run(['doctor', '--only', 'redis.version'], env);
    expect([one.code, one.out]).toEqual([0, expect.stringMatching(/^ok {4}redis\.version/)]);
  });

  test('the address and the token may come from options and from .env', async () => {
    await using bundle = await setup();
    const dir = await mkdtemp(join(tmpdir(), 'ms1-cli-'));
    const { OPS_CONSOLE_URL: url } = bundle.env;
    await writeFile(join(dir, 'token'), `${TOKEN}\n`);
    await writeFile(join(dir, 'env'), `OPS_CONSOLE_URL=${url}\nOPS_CONSOLE_TOKEN=${TOKEN}\n`);
    const options = ['queues', 'list', '--url', url, '--token-file', join(dir, 'token')];
    const codes = await Promise.all([
      run(options, {}),
      run(['queues', 'list', '--env', join(dir, 'env')], {}),
      run(['queues', 'list', '--env', join(dir, 'env')], {
        OPS_CONSOLE_TOKEN: 'x'.repeat(20),
      }),
      run(['queues', 'list', '--env', join(dir, 'nowhere')], {}),
    ]);
    await rm(dir, { recursive: true });
    expect(codes.map(({ code }) => code)).toEqual([0, 0, 3, 2]);
  });

  test('starts, shows, pauses, resumes, cancels and lists sessions, as tables and as JSON', async () => {
    await using bundle = await setup();
    const { ms1 } = bundle;
    const started = await ms1('sessions', 'start', '--name', 'november', '--json');
    expect(started).toMatchObject({ code: 0, err: '' });
    const { id } = JSON.parse(started.out) as { id: string };
    const stepped = async (step: string) => onlyOut(await ms1('sessions', step, id, '--json'));
    expect(await stepped('pause')).toMatchObject({ status: 'open', paused: true });
    expect(await stepped('resume')).toMatchObject({ status: 'open', paused: false });
    expect(await stepped('cancel')).toMatchObject({ status: 'cancelled' });
    expect(await stepped('resume')).toMatchObject({ status: 'open' });
    const list = await ms1('sessions', 'list');
    expect(list.out).toMatch(new RegExp(`^id +name +status[^\\n]*\\n${id} +november +open`));
  });

  test('an audit ends with 0 when everything is accounted for and with 1 when not', async () => {
    await using bundle = await setup();
    const audited = async (unexplained: number) => {
      const asked = bundle.ms1('audit', '--from', '2026-01-01');
      const before = (await bundle.audits.list()).length;
      await until(async () => (await bundle.audits.list()).length > before, {
        what: 'it is asked',
      });
      const [audit] = await bundle.audits.list();
      const [folder] = audit?.folders ?? [];
      if (!audit || !folder) throw new Error('no audit');
      const counts = { delivered: 7, skipped: 0, dead: 0, inFlight: 0, unexplained };
      const window = { at: new Date().toISOString(), from: audit.from, to: audit.to };
      const rest = { listed: 7 + unexplained, reasons: {}, repaired: 0, witnesses: [] };
      await bundle.audits.report(audit.id, folder, { ...window, ...rest, counts });
      return asked;
    };
    const clean = await audited(0);
    expect([clean.code, clean.out]).toEqual([0, expect.stringContaining('accounted for')]);
    expect((await audited(2)).code).toBe(1);
  });

  test('lists dead letters, says what a replay would do, and replays with a reason', async () => {
    await using bundle = await setup();
    await bundle.inbound.add(JOBS.ingestMessage, { v: 1 }, { jobId: jobIdOf(KEY) });
    await bundle.redis.lrem('{ms1}:inbound:wait', 0, jobIdOf(KEY));
    await bundle.redis.zadd('{ms1}:inbound:failed', Date.now(), jobIdOf(KEY));
    await bundle.ledger.record([{ key: KEY, state: 'dead', at: Date.now(), reason: 'rejected' }]);
    expect((await bundle.ms1('dead', 'list')).out).toContain('inbound');
    const found = await bundle.ms1('find', '--key', KEY);
    expect(found).toMatchObject({ code: 0, out: expect.stringMatching(/dead.*inbound \(dead\)/) });
    const dry = await bundle.ms1('dead', 'replay', '--all');
    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('1 would be replayed')]);
    expect(await bundle.inbound.getFailedCount()).toBe(1);
    const done = await bundle.ms1(
      'dead',
      'replay',
      '--all',
      '--yes',
      '--reason',
      'again',
      '--json',
    );
    expect([done.code, JSON.parse(done.out)]).toMatchObject([0, { status: 'done', done: 1 }]);
    expect(await bundle.inbound.getWaitingCount()).toBe(1);
    expect((await bundle.ms1('find', '--key', 'x'.repeat(22))).code).toBe(1);
  });

  test('a wrong command line is 2, a console that does not answer 3, and nothing shows the token', async () => {
    const env = { OPS_CONSOLE_URL: 'http://127.0.0.1:1', OPS_CONSOLE_TOKEN: TOKEN };
    const codes = await Promise.all([
      run([], env),
      run(['sessions', 'start'], env),
      run(['dead', 'replay', '--yes'], env),
      run(['audit', '--bogus'], env),
      run(['audit'], {}),
      run(['sessions', 'list'], env),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([0, 2, 2, 2, 2, 3]);
    expect(JSON.stringify(codes)).not.toContain(TOKEN);
  });
});
