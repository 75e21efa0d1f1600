import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { Overview } from '@ms1/console-api';
import { GraphPermits } from '@ms1/coordination';
import { DAY_MS, TallyStore } from '@ms1/mailboxes';
import { until } from '@ms1/testkit';
import { consoleBundle, MAILBOXES, TOKEN, TOKENS } from './console-bundle.ts';

/** Every event at once: the tests wait for events, not for time. */
const QUICK = { intervalMs: 20, idleIntervalMs: 20 };

/** A reader of the stream that keeps what it was sent. */
async function watch(origin: string, init: RequestInit = {}) {
  const leave = new AbortController();
  const response = await fetch(`${origin}/api/events`, {
    headers: { authorization: `Bearer ${TOKEN}` },
    ...init,
    signal: leave.signal,
  });
  let text = '';
  const ended = (async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
    }
  })().catch(() => undefined);
  return {
    status: response.status,
    headers: response.headers,
    text: () => text,
    overviews: () =>
      [...text.matchAll(/^event: overview\ndata: (.*)$/gm)].map(([, data]) =>
        Overview.parse(JSON.parse(data ?? '')),
      ),
    ended,
    leave: () => leave.abort(),
  };
}

describe('overview', () => {
  test('tells depth, oldest age, pause, gate, breaker, sessions, letters and freshness as they are', async () => {
    await using bundle = await consoleBundle();
    const { inbound, outbound, ledger, store, redis, clock } = bundle;
    // A look that is under way would be everybody's.
    await bundle.sampler.overview();
    const at = clock.now();
    await inbound.add('ingest-message', { v: 1 }, { jobId: 'm-1', timestamp: at - 37_000 });
    await inbound.add('ingest-message', { v: 1 }, { jobId: 'm-2', timestamp: at - 10_000 });
    await outbound.pause();
    await outbound.rateLimit(60_000);
    await redis.hset('{ms1}:ms4:gate', 'openUntil', Date.now() + 30_000);
    const key = 'k'.repeat(22);
    await redis.zadd('{ms1}:outbound:failed', at - 5_000, `m-${key}`);
    await redis.hset(`{ms1}:outbound:m-${key}`, {
      failedReason: 'job stalled 17 times',
      timestamp: at,
    });
    await ledger.record([{ key, state: 'delivered', at }]);
    await store.create({ name: 'November', mailboxes: ['11111111-1111-4111-8111-111111111111'] });

    clock.at += 3_000;
    const { status, body } = await bundle.api('GET', '/overview');
    expect(status).toBe(200);
    const overview = Overview.parse(body);
    expect(overview).toMatchObject({
      verdict: 'stopped',
      totals: { delivered: 1 },
      ms4: { gate: 'tripped' },
      deadLetters: {
        total: 1,
        causesTotal: 1,
        causes: [{ cause: 'job stalled # times', count: 1 }],
      },
      mailboxes: { total: 2, stale: 0 },
      sessions: [{ name: 'November', status: 'open', mailboxes: 1 }],
    });
    const [, inboundView, outboundView] = overview.queues;
    expect(inboundView).toMatchObject({ name: 'inbound', waiting: 2, oldestSeconds: 40 });
    expect(outboundView).toMatchObject({ name: 'outbound', paused: true, failed: 1 });
    expect(outboundView?.gatedForSeconds).toBeGreaterThan(50);
    expect(overview.concerns.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['queue_paused', 'ms4_down', 'dead_letters']),
    );
  });

  test('names the mailbox that Graph throttles and the process that is not ready, in words that everybody shows', async () => {
    await using bundle = await consoleBundle();
    const [mailboxId = ''] = MAILBOXES;
    // A look that is under way would be everybody's.
    await bundle.sampler.overview();
    const begun = Date.now();
    await new GraphPermits(bundle.redis).hold(mailboxId, 300_000);
    const self = { id: 'p1', version: '1', host: 'h', pid: 1, startedAt: 0 };
    await bundle.processes.beat({ ...self, app: 'poller', unready: ['graph'] });
    // Whatever was looked at before it is no news any more.
    bundle.clock.at += 6_000;
    const overview = Overview.parse((await bundle.api('GET', '/overview')).body);
    expect(overview).toMatchObject({
      verdict: 'attention',
      headline: 'All quiet, with something to look at',
      mailboxes: { heldTotal: 1, held: [{ id: mailboxId, reason: 'throttled' }] },
    });
    expect(Date.parse(overview.mailboxes.held[0]?.until ?? '')).toBeGreaterThan(begun + 200_000);
    const [held, unready] = overview.concerns;
    expect(held?.text).toMatch(/^Graph throttles .+ since \d\d:\d\d, asked again at \d\d:\d\d UTC/);
    expect(unready?.text).toBe('poller is not ready (graph): its /readyz says why.');
    const { body } = await bundle.api('GET', `/mailboxes/${mailboxId}`);
    expect(body).toMatchObject({ held: { reason: 'throttled' } });
  });

  test('says of each mailbox and of all how much was delivered within a minute, today and in thirty days', async () => {
    await using bundle = await consoleBundle();
    const { clock, redis, sampler } = bundle;
    const [one = '', two = ''] = MAILBOXES;
    const tally = (mailboxId: string, late: number, at = clock.now()) =>
      new TallyStore(redis, { clock: { now: () => at } }).add([
        { mailboxId, counted: 'timed', by: 100 },
        { mailboxId, counted: 'late', by: late },
      ]);
    // A look that is under way would be everybody's.
    await sampler.overview();
    await tally(one, 1);
    await tally(two, 3, clock.now() - 29 * DAY_MS);
    await tally(two, 50, clock.now() - 30 * DAY_MS);
    clock.at += 6_000;
    const { onTime, mailboxes } = Overview.parse((await bundle.api('GET', '/overview')).body);
    expect(onTime).toEqual({ today: { timed: 100, late: 1 }, month: { timed: 200, late: 4 } });
    const ofTwo = { today: { timed: 0, late: 0 }, month: { timed: 100, late: 3 } };
    expect(mailboxes.longestAgo.find(({ id }) => id === two)?.onTime).toEqual(ofTwo);
    expect((await bundle.api('GET', `/mailboxes/${two}`)).body).toMatchObject({ onTime: ofTwo });
  });

  test('rates are what came and went between two looks', async () => {
    await using bundle = await consoleBundle();
    const { ledger, clock } = bundle;
    const keys = Array.from({ length: 30 }, (_, n) => `${n}`.padStart(22, 'k'));
    await bundle.sampler.overview();
    const at = clock.now();
    await ledger.record(keys.map((key) => ({ key, state: 'queued', at })));
    await ledger.record(keys.slice(0, 10).map((key) => ({ key, state: 'delivered', at })));
    clock.at += 5_000;
    const { rates, history } = Overview.parse((await bundle.api('GET', '/overview')).body);
    expect(rates).toEqual({ noticed: 6, prepared: 2, delivered: 2 });
    expect(history.at(-1)).toEqual([Math.round(clock.at / 1_000), 6, 2]);
  });
});

describe('events', () => {
  test('everybody who may read is told again and again, whatever Last-Event-ID they send', async () => {
    await using bundle = await consoleBundle({ feed: QUICK });
    const cookie = await bundle.login();
    const readers = await Promise.all([
      watch(bundle.origin),
      watch(bundle.origin, { headers: { cookie, 'last-event-id': '99999' } }),
      watch(bundle.origin, { headers: { cookie, 'last-event-id': '\u00ff{}' } }),
    ]);
    for (const reader of readers) {
      expect(reader.status).toBe(200);
      expect(reader.headers.get('content-type')).toContain('text/event-stream');
      expect(reader.headers.get('cache-control')).toBe('no-store');
      // The clock stands still, so every event holds the same look; that they come is what counts.
      await until(() => reader.overviews().length >= 3, { what: 'three events' });
      expect(reader.text()).toMatch(/^retry: \d+\n\n/);
      reader.leave();
    }
    await until(() => bundle.feed.size === 0, { what: 'readers are forgotten' });
  });

  test('what it costs Redis does not grow with who watches', async () => {
    // The clock moves a second a look, so that each look is a new one.
    await using bundle = await consoleBundle({
      feed: { ...QUICK, intervalMs: 5, clientsMaxOfCaller: 50 },
    });
    const looks = { count: 0 };
    const { sampler, clock } = bundle;
    const look = sampler.overview.bind(sampler);
    sampler.overview = () => {
      clock.at += 1_000;
      looks.count += 1;
      return look();
    };
    const commandsALook = async (): Promise<number> => {
      const from = looks.count;
      const before = await commandsOf(bundle.redis);
      await until(() => looks.count >= from + 60, { what: '60 looks' });
      return ((await commandsOf(bundle.redis)) - before) / (looks.count - from);
    };
    const one = await watch(bundle.origin);
    await until(() => bundle.feed.size === 1, { what: 'one watches' });
    const alone = await commandsALook();
    const others = await Promise.all(Array.from({ length: 49 }, () => watch(bundle.origin)));
    await until(() => bundle.feed.size === 50, { what: 'fifty watch' });
    const together = await commandsALook();
    expect(alone).toBeGreaterThan(20);
    expect(together).toBeLessThan(alone * 1.2);
    for (const reader of [one, ...others]) reader.leave();
  });

  test('a client that does not read is dropped, and the others go on', async () => {
    // Frames that whoever reads takes in one go, however slow the machine: some seventy fill a socket's own buffers.
    const padding = 'x'.repeat(60_000);
    const feed = { ...QUICK, look: async () => ({ padding }) };
    await using bundle = await consoleBundle({ feed });
    const awake = await watch(bundle.origin);
    await until(() => bundle.feed.size === 1, { what: 'one watches' });
    const asleep = await sleeper(bundle.origin);
    await until(() => bundle.feed.size === 2, { what: 'both watch' });
    await until(() => bundle.feed.size === 1, { what: 'the one asleep is dropped' });
    const seen = awake.text().length;
    await until(() => awake.text().length > seen + padding.length, { what: 'the other goes on' });
    expect(bundle.feed.size).toBe(1);
    asleep.destroy();
    awake.leave();
  });

  test('the one too many is refused and told when to come again', async () => {
    await using bundle = await consoleBundle({ feed: { ...QUICK, clientsMax: 1 } });
    const first = await watch(bundle.origin);
    await until(() => bundle.feed.size === 1, { what: 'one watches' });
    const second = await watch(bundle.origin);
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '5']);
    first.leave();
    await until(() => bundle.feed.size === 0, { what: 'it left' });
    const third = await watch(bundle.origin);
    expect(third.status).toBe(200);
    third.leave();
  });

  test('one caller has so many and no more, by whichever login, and others still get in', async () => {
    await using bundle = await consoleBundle();
    const as = (headers: Record<string, string>) => watch(bundle.origin, { headers });
    const reader = { authorization: `Bearer ${TOKENS.reader}` };
    const readers = await Promise.all(Array.from({ length: 110 }, () => as(reader)));
    const open = readers.filter(({ status }) => status === 200);
    expect(open).toHaveLength(20);
    const refused = readers.find(({ status }) => status !== 200);
    expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([429, '5']);
    // The password is one caller, however often one logs in with it.
    const cookies = [await bundle.login(), await bundle.login()];
    const people = await Promise.all(
      Array.from({ length: 22 }, (_, n) => as({ cookie: cookies[n % 2] ?? '' })),
    );
    expect(people.filter(({ status }) => status === 200)).toHaveLength(20);
    const admin = await watch(bundle.origin);
    expect(admin.status).toBe(200);
    // Whoever leaves makes room for himself.
    open[0]?.leave();
    await until(() => bundle.feed.size === 40, { what: 'one left' });
    const again = await as(reader);
    expect(again.status).toBe(200);
    for (const one of [...readers, ...people, admin, again]) one.leave();
    await until(() => bundle.feed.size === 0, { what: 'all are forgotten' });
  });

  test('whoever leaves before or behind an answer holds no place', async () => {
    await using bundle = await consoleBundle({ feed: QUICK });
    // They leave while Redis is asked about their login.
    const cookie = `Cookie: ${await bundle.login()}`;
    let asked = 0;
    bundle.server.on('request', () => {
      asked += 1;
    });
    const others = await connectionsOf(bundle.server);
    bundle.redisServer.process.kill('SIGSTOP');
    const hasty = await Promise.all(
      Array.from({ length: 20 }, () => sleeper(bundle.origin, 1, cookie)),
    );
    await until(() => asked === 20, { what: 'all have asked' });
    for (const socket of hasty) socket.destroy();
    await until(async () => (await connectionsOf(bundle.server)) <= others, {
      what: 'all have left',
    });
    bundle.redisServer.process.kill('SIGCONT');
    // Whoever asks after them is answered after them.
    const me = { headers: { cookie: cookie.replace('Cookie: ', '') } };
    expect((await bundle.request('/api/me', me)).status).toBe(200);
    expect(bundle.feed.size).toBe(0);
    // One connection that asks again and again without waiting for the first answer to end.
    const insistent = await sleeper(bundle.origin, 30);
    await until(() => bundle.feed.size > 0, { what: 'it watches' });
    insistent.destroy();
    await until(() => bundle.feed.size === 0, { what: 'all are forgotten' });
    const honest = await watch(bundle.origin);
    await until(() => honest.overviews().length > 2, { what: 'somebody else watches' });
    honest.leave();
  });

  test('a login that ends at another console takes its streams along, and no other', async () => {
    const feed = { ...QUICK, endedIntervalMs: 20 };
    await using bundle = await consoleBundle({ feed });
    await using other = await consoleBundle({ beside: bundle });
    const [cookie, stays] = [await bundle.login(), await bundle.login()];
    const [ends, goesOn] = [
      await watch(bundle.origin, { headers: { cookie } }),
      await watch(bundle.origin, { headers: { cookie: stays } }),
    ];
    await until(() => bundle.feed.size === 2, { what: 'both watch' });
    await other.request('/logout', { method: 'POST', headers: { cookie } });
    await ends.ended;
    const seen = goesOn.overviews().length;
    await until(() => goesOn.overviews().length > seen + 2, { what: 'the other goes on' });
    expect((await watch(bundle.origin, { headers: { cookie } })).status).toBe(401);
    goesOn.leave();
  });

  test('a stream ends after its lifetime, so that a login that ended ends it too', async () => {
    await using bundle = await consoleBundle({ feed: { ...QUICK, lifetimeMs: 50 } });
    const reader = await watch(bundle.origin);
    await reader.ended;
    expect(reader.status).toBe(200);
  });

  test('comments keep a silent stream open', async () => {
    await using bundle = await consoleBundle({
      feed: { ...QUICK, heartbeatMs: 20, look: () => new Promise(() => {}) },
    });
    const reader = await watch(bundle.origin);
    await until(() => reader.text().includes(': still here\n\n'), { what: 'a comment' });
    expect(reader.overviews()).toEqual([]);
    reader.leave();
  });

  test('says so while Redis does not answer, and goes on when it does', async () => {
    let down = true;
    const look = async (): Promise<object> => {
      if (down) throw new Error('down');
      return { back: true };
    };
    await using bundle = await consoleBundle({ feed: { ...QUICK, look } });
    const reader = await watch(bundle.origin);
    await until(() => reader.text().includes('event: trouble\n'), { what: 'trouble is told' });
    down = false;
    await until(() => reader.text().includes('"back":true'), { what: 'it goes on' });
    expect(bundle.feedErrors.length).toBeGreaterThan(0);
    reader.leave();
  });

  test('a stop ends every stream, and takes no new one', async () => {
    await using bundle = await consoleBundle({ feed: QUICK });
    const reader = await watch(bundle.origin);
    await until(() => bundle.feed.size === 1, { what: 'one watches' });
    await bundle.stopFeed();
    await reader.ended;
    expect((await watch(bundle.origin)).status).toBe(503);
  });
});

/** A connection that asks for the stream, so many times at once, and never reads. */
async function sleeper(
  origin: string,
  times = 1,
  credential = `Authorization: Bearer ${TOKEN}`,
): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.on('error', () => undefined);
  const request = `GET /api/events HTTP/1.1\r\nHost: ${hostname}\r\n${credential}\r\n\r\n`;
  socket.write(request.repeat(times));
  return socket;
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}

async function commandsOf(redis: { info(section: string): Promise<string> }): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
}
