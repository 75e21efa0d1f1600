import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { JOBS, jobIdOf, QUEUES } from '@ms1/contracts';
import { closeRedis, connectRedis, createQueue } from '@ms1/queue';
import { AuditStore, Ledger } from '@ms1/store';
import { freePort, spawnApp, startRedis, until } from '@ms1/testkit';

const CONSOLE = fileURLToPath(new URL('../../ops-console/src/main.ts', import.meta.url));
const BIN = fileURLToPath(new URL('../bin/ms1.mjs', import.meta.url));
const TOKEN = 'token-of-sixteen-or-more';
const MAILBOX = '11111111-1111-4111-8111-111111111111';
const KEY = 'k'.repeat(22);

/** The console as a process over a private Redis, and `ms1` asking it. */
async function setup() {
  const stack = new AsyncDisposableStack();
  const { url } = stack.use(await startRedis());
  const redis = await connectRedis({ url, role: 'producer', name: 'test' });
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
    redis,
    inbound,
    ledger: new Ledger(redis),
    audits: new AuditStore(redis),
    ms1: (...args: string[]) => run(args, env),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function run(args: string[], env: Record<string, string>) {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const options = { env: { PATH: process.env['PATH'] ?? '', ...env } };
    execFile(process.execPath, [BIN, ...args], options, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

describe('ms1', () => {
  test('starts, shows, pauses, resumes, cancels and lists sessions, as tables and as JSON', async () => {
    await using bundle = await setup();
    const { ms1 } = bundle;
    const started = await ms1('sessions', 'start', '--name', 'november', '--json');
    expect(started).toMatchObject({ code: 0, err: '' });
    const { id } = JSON.parse(started.out) as { id: string };
    const stepped = async (step: string) =>
      JSON.parse((await ms1('sessions', step, id, '--json')).out) as object;
    expect(await stepped('pause')).toMatchObject({ status: 'open', paused: true });
    expect(await stepped('resume')).toMatchObject({ status: 'open', paused: false });
    expect(await stepped('cancel')).toMatchObject({ status: 'cancelled' });
    expect(await stepped('resume')).toMatchObject({ status: 'open' });
    const list = await ms1('sessions', 'list');
    expect(list.out).toMatch(new RegExp(`^id +name +status[^\\n]*\\n${id} +november +open`));
  }, 60_000);

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
  }, 60_000);

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
  }, 60_000);

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
  }, 60_000);
});
