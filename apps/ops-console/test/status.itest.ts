import { describe, expect, test } from '@jest/globals';
import { JOBS, jobIdOf, messageKey } from '@ms1/contracts';
import { aMessage, aMetadata } from '@ms1/testkit';

import { MAILBOXES, consoleBundle as setup, TENANT } from './console-bundle.ts';

const [MAILBOX = ''] = MAILBOXES;
const KEY = messageKey({ tenantId: TENANT, mailboxId: MAILBOX, messageId: 'a' });

describe('GET /api/messages/:key', () => {
  test('tells the message from its arrival to its receipt, and nothing of what is in it', async () => {
    await using bundle = await setup();
    const { ledger, inbound, clock } = bundle;
    const [received, noticed] = ['2026-11-01T08:00:00Z', '2026-11-01T08:00:02Z'];
    const canary = { address: 'canary@supplier.example', name: 'canary' };
    await inbound.add(
      JOBS.ingestMessage,
      aMessage(1, {
        tenantId: TENANT,
        mailboxId: MAILBOX,
        messageId: 'a',
        source: 'poll',
        noticedAt: noticed,
        metadata: aMetadata({
          subject: 'canary',
          from: canary,
          sender: canary,
          receivedAt: received,
          bodyPreview: 'canary',
        }),
      }),
      { jobId: jobIdOf(KEY) },
    );
    await ledger.record([{ key: KEY, state: 'queued', at: clock.at, source: 'poll' }]);
    const queued = await bundle.api('GET', `/messages/${KEY}`);
    expect(queued.body).toEqual({
      key: KEY,
      state: 'queued',
      sessionId: null,
      job: { queue: 'inbound', failed: false },
      mailbox: { id: MAILBOX, label: MAILBOX },
      timeline: [
        { at: received, event: 'received' },
        { at: noticed, event: 'noticed', source: 'poll' },
        { at: new Date(clock.at).toISOString(), event: 'queued', source: 'poll' },
      ],
    });
    expect(JSON.stringify(queued.body)).not.toContain('canary');

    await ledger.record([{ key: KEY, state: 'prepared', at: clock.at + 5_000 }]);
    await ledger.record([
      {
        key: KEY,
        state: 'delivered',
        at: clock.at + 9_000,
        receipt: 'receipt-1',
        receivedAt: Date.parse(received),
      },
    ]);
    await inbound.remove(jobIdOf(KEY));
    const delivered = await bundle.api('GET', `/messages/${KEY}`);
    expect(delivered.body).toMatchObject({
      state: 'delivered',
      job: null,
      timeline: [
        { event: 'received', at: new Date(received).toISOString() },
        { event: 'queued' },
        { event: 'prepared' },
        { event: 'delivered', receipt: 'receipt-1' },
      ],
    });
  });

  test('a dead letter says why and where it lies; an unknown key is 404', async () => {
    await using bundle = await setup();
    const at = bundle.clock.at;
    await bundle.ledger.record([{ key: KEY, state: 'queued', at }]);
    await bundle.ledger.record([{ key: KEY, state: 'dead', at: at + 1, reason: 'rejected' }]);
    await bundle.outbound.add(JOBS.deliverRecord, { v: 1 }, { jobId: jobIdOf(KEY) });
    await bundle.redis.zadd('{ms1}:outbound:failed', at, jobIdOf(KEY));
    expect((await bundle.api('GET', `/messages/${KEY}`)).body).toMatchObject({
      state: 'dead',
      job: { queue: 'outbound', failed: true },
      timeline: [{ event: 'queued' }, { event: 'dead', reason: 'rejected' }],
    });
    expect((await bundle.api('GET', `/messages/${'x'.repeat(22)}`)).status).toBe(404);
    expect((await bundle.api('GET', '/messages/short')).status).toBe(400);
  });
});

describe('GET /api/fleet', () => {
  test('tells who is alive, who is not ready, which app has nobody, and the memory of Redis', async () => {
    await using bundle = await setup();
    const process = { version: '1.2.3', host: 'h', pid: 7, startedAt: bundle.clock.at };
    const lastError = { at: bundle.clock.at, code: 'ECONNREFUSED' };
    const failing = { unready: ['graph'], lastError };
    await bundle.processes.beat({ ...process, id: 'p1', app: 'poller', ...failing });
    await bundle.processes.beat({ ...process, id: 's1', app: 'ms4-sender', unready: [] });
    const { body } = await bundle.api('GET', '/fleet');
    expect(body).toMatchObject({
      processes: [
        { id: 's1', app: 'ms4-sender', version: '1.2.3', ready: true, lastError: null },
        {
          id: 'p1',
          app: 'poller',
          ready: false,
          unready: ['graph'],
          lastError: { code: 'ECONNREFUSED' },
        },
      ],
      missing: ['ingest-api', 'processor', 'ops-console'],
    });
    const { usedMemoryBytes, maxMemoryBytes } = body['redis'] as Record<string, number>;
    expect(usedMemoryBytes).toBeGreaterThan(100_000);
    expect(maxMemoryBytes).toBe(0);
  });
});

describe('GET /api/doctor', () => {
  test('tells what is wrong with Redis and what to do, and which checks are made elsewhere', async () => {
    await using bundle = await setup();
    await bundle.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    type Named = { name: string; remedy?: string; why?: string };
    const look = async () => {
      const { body } = await bundle.api('GET', '/doctor');
      const { checks, elsewhere } = body as { checks: Named[]; elsewhere: Named[] };
      return { status: body['status'], checks, elsewhere };
    };
    const [one, same] = await Promise.all([look(), look()]);
    expect(same).toEqual(one);
    expect(one.status).toBe('fail');
    expect(one.checks.find(({ name }) => name === 'redis.eviction')).toMatchObject({
      status: 'fail',
      remedy: expect.stringContaining('noeviction'),
    });
    expect(one.checks.every(({ name }) => name.startsWith('redis.'))).toBe(true);
    const whyOf = (wanted: string) => one.elsewhere.find(({ name }) => name === wanted)?.why;
    expect(whyOf('ms4.credentials')).toContain('only senders have');
    expect(whyOf('graph.token')).toContain('no credential for Graph');

    // Nobody has Redis asked again and again: an answer stands for half a minute.
    await bundle.redis.config('SET', 'maxmemory-policy', 'noeviction');
    expect(await look()).toEqual(one);
    bundle.clock.at += 31_000;
    const later = await look();
    expect(later.checks.find(({ name }) => name === 'redis.eviction')).toMatchObject({
      status: 'ok',
    });
  });
});

describe('queues', () => {
  test('an operator pauses and resumes one, with a reason that the log keeps', async () => {
    await using bundle = await setup();
    const paused = await bundle.api('POST', '/queues/outbound/pause', { reason: 'MS4 moves' });
    expect([paused.status, paused.body]).toMatchObject([200, { name: 'outbound', paused: true }]);
    expect(await bundle.outbound.isPaused()).toBe(true);
    expect(await bundle.inbound.isPaused()).toBe(false);
    const [, begun] = await bundle.operators.list();
    expect(begun).toMatchObject({
      by: 'token',
      subject: 'admins',
      action: 'POST /queues/:name/pause',
      detail: { name: 'outbound', input: { reason: 'MS4 moves' } },
    });
    await bundle.api('POST', '/queues/outbound/resume');
    expect(await bundle.outbound.isPaused()).toBe(false);
    expect((await bundle.api('POST', '/queues/elsewhere/pause')).status).toBe(404);
  });
});
