import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { JOBS, QUEUES } from '@ms1/contracts';
import { createWorker } from '@ms1/queue';
import { connectRedis } from '@ms1/redis';
import { openServer, until } from '@ms1/testkit';

import { event, item, raw, SUBSCRIPTION, startWebhook } from './webhook-bundle.ts';

describe('the webhook', () => {
  test('sends the decoded token back as plain text that no browser runs', async () => {
    await using bundle = await startWebhook();
    const token = encodeURIComponent('<script>alert(1)</script> +ä');
    const answer = await fetch(`${bundle.url}?validationToken=${token}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('<script>alert(1)</script> +ä');
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'");
    const twice = await fetch(`${bundle.url}?validationToken=a&validationToken=b`, {
      method: 'POST',
    });
    expect([twice.status, await twice.text()]).toEqual([400, '']);
    expect((await fetch(`${bundle.url}?validationToken=a`)).status).toBe(405);
  });

  test('answers 202 when the messages are on inbound, under our own mailbox and the open session', async () => {
    await using bundle = await startWebhook();
    const { mailboxId, tenantId } = SUBSCRIPTION;
    const { session } = await bundle.sessions.create({ name: 's', mailboxes: [mailboxId] });
    const answer = await bundle.post({ value: [item('AAMk1='), item('AAMk2='), item('AAMk1=')] });
    expect([answer.status, await answer.text()]).toEqual([202, '']);
    const jobs = await bundle.inbound.getWaiting();
    expect(jobs.map(({ data }) => (data as { messageId: string }).messageId).toSorted()).toEqual([
      'AAMk1=',
      'AAMk2=',
    ]);
    expect(jobs[0]?.data).toMatchObject({
      v: 1,
      tenantId,
      mailboxId,
      source: 'webhook',
      sessionId: session.id,
    });
    await bundle.post({ value: [item('AAMk2=')] });
    expect(await bundle.inbound.getWaitingCount()).toBe(2);
  });

  test('answers a forged, an unknown and a useless notification as it does a good one, without work', async () => {
    await using bundle = await startWebhook();
    const bad = [
      item('a', { clientState: 'a-secret-of-this-subscriptiox' }),
      item('b', { clientState: null }),
      item('c', { clientState: [SUBSCRIPTION.clientState] }),
      item('d', { subscriptionId: 'ffffffff-0073-42e5-a186-853da75fb308' }),
      item('e', { changeType: 'updated' }),
      { subscriptionId: 7 },
    ];
    for (const value of bad) {
      const answer = await bundle.post({ value: [value] });
      expect([answer.status, await answer.text()]).toEqual([202, '']);
    }
    expect(await bundle.inbound.getWaitingCount()).toBe(0);
    expect(bundle.totals()).toEqual({
      noticed: 0,
      lifecycle: 0,
      unknown: 1,
      forged: 3,
      ignored: 1,
      paused: 0,
      unreadable: 1,
    });
  });

  test('looks no further into a body of nothing but strangers, and takes what is good among a few', async () => {
    await using bundle = await startWebhook();
    const stranger = (n: number) => item('AAMk1=', { subscriptionId: `unknown-${n}` });
    const strangers = Array.from({ length: 300 }, (_, n) => stranger(n));
    expect((await bundle.post({ value: strangers })).status).toBe(202);
    expect(bundle.totals()).toMatchObject({ unknown: 300, noticed: 0 });
    const mixed = [...strangers.slice(0, 15), item('AAMk2='), ...strangers.slice(15)];
    expect((await bundle.post({ value: mixed })).status).toBe(202);
    expect(bundle.totals()).toMatchObject({ unknown: 600, noticed: 1 });
    expect(await bundle.waiting()).toEqual(['AAMk2=']);
  });

  test('counts the bytes of a body that does not say how many it has', async () => {
    await using bundle = await startWebhook({ perSecond: 100 });
    const statuses: number[] = [];
    // 262 KB a second are taken: these are nine seconds' worth.
    for (let n = 0; n < 12; n += 1) {
      const body = new Blob(['x'.repeat(200_000)]).stream();
      const sent = await fetch(bundle.url, { method: 'POST', body, duplex: 'half' });
      statuses.push(sent.status);
    }
    expect(statuses).toContain(400);
    expect(statuses).toContain(503);
  });

  test('answers 503 at once, unread, while this process is behind with its work', async () => {
    let lagMs = 0;
    await using bundle = await startWebhook({ lagMs: () => lagMs });
    lagMs = 600;
    expect((await bundle.post({ value: [item('AAMk1=')] })).status).toBe(503);
    expect(bundle.answered.at(-1)).toMatchObject({ shed: 'busy' });
    lagMs = 0;
    expect((await bundle.post({ value: [item('AAMk1=')] })).status).toBe(202);
    expect(await bundle.waiting()).toEqual(['AAMk1=']);
  });

  test('takes mixed lifecycle events to the poller, each kind once however often it comes', async () => {
    await using bundle = await startWebhook();
    const names = async () => (await bundle.polling.getWaiting()).map(({ name }) => name);
    await bundle.post({ value: [event('missed'), event('missed')] });
    await bundle.post({ value: [event('missed')] });
    expect(await names()).toEqual([JOBS.pollFolder]);
    await bundle.post({ value: [event('reauthorizationRequired'), item('AAMk1=')] });
    expect((await names()).toSorted()).toEqual([JOBS.pollFolder, JOBS.renewSubscriptions]);
    const record = await bundle.subscriptions.get(SUBSCRIPTION.subscriptionId);
    expect(Date.parse(record?.expiresAt ?? '')).toBeLessThanOrEqual(Date.now());
    await bundle.post({ value: [event('subscriptionRemoved'), event('subscriptionRemoved')] });
    expect(await names()).toHaveLength(2);
    expect(await bundle.waiting()).toEqual(['AAMk1=']);
    const [walk] = (await bundle.polling.getWaiting()).filter(
      ({ name }) => name === JOBS.pollFolder,
    );
    const { tenantId, mailboxId, folderId } = SUBSCRIPTION;
    expect(walk?.data).toEqual({ v: 1, tenantId, mailboxId, folderId });
  });

  test('has a folder walked once more when an event comes while a walk runs, however many come', async () => {
    await using bundle = await startWebhook();
    const walks: PromiseWithResolvers<void>[] = [];
    const connection = await connectRedis({
      url: bundle.server.url,
      role: 'worker',
      name: 'walks',
    });
    const worker = createWorker({
      queue: QUEUES.polling,
      connection,
      prefix: '{ms1}',
      concurrency: 2,
      process: async () => {
        const walk = Promise.withResolvers<void>();
        walks.push(walk);
        await walk.promise;
      },
    });
    const running = worker.run();
    await bundle.post({ value: [event('missed')] });
    await until(() => walks.length === 1, { what: 'the walk runs' });
    for (let again = 0; again < 3; again += 1) await bundle.post({ value: [event('missed')] });
    walks[0]?.resolve();
    await until(() => walks.length === 2, { what: 'the walk that follows' });
    walks[1]?.resolve();
    await until(async () => (await bundle.polling.getActiveCount()) === 0, { what: 'the end' });
    expect(await bundle.polling.getWaitingCount()).toBe(0);
    expect(walks).toHaveLength(2);
    await worker.close();
    await running;
    connection.disconnect();
  });

  test('knows the secret of an event whose job could not be written when Graph sends it again', async () => {
    await using bundle = await startWebhook();
    await bundle.redis.config('SET', 'maxmemory', '1');
    const refused = await bundle.post({ value: [event('subscriptionRemoved')] });
    expect(refused.status).toBe(503);
    await bundle.redis.config('SET', 'maxmemory', '0');
    expect((await bundle.post({ value: [event('subscriptionRemoved')] })).status).toBe(202);
    const names = (await bundle.polling.getWaiting()).map(({ name }) => name);
    expect(names.toSorted()).toEqual([JOBS.pollFolder, JOBS.renewSubscriptions]);
  });

  test('answers 202 for a mailbox that is paused or removed and takes nothing of it', async () => {
    let state = 'paused';
    await using bundle = await startWebhook({ isWanted: () => state === 'active' });
    expect((await bundle.post({ value: [item('AAMk1=')] })).status).toBe(202);
    expect([await bundle.waiting(), bundle.totals().paused]).toEqual([[], 1]);
    state = 'active';
    await bundle.post({ value: [item('AAMk1=')] });
    expect(await bundle.waiting()).toEqual(['AAMk1=']);
  });

  test('refuses what is too large, compressed or no collection, and goes on', async () => {
    await using bundle = await startWebhook();
    const padding = ' '.repeat(256 * 1024);
    expect((await bundle.post(`{"value":[]}${padding}`)).status).toBe(413);
    expect((await bundle.post('gzip', { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await bundle.post('['.repeat(100_000))).status).toBe(400);
    expect((await bundle.post('')).status).toBe(400);
    expect((await bundle.post({ value: Array.from({ length: 1_001 }, () => 0) })).status).toBe(413);
    expect((await bundle.post({ value: [item('AAMk1=')] })).status).toBe(202);
    expect((await fetch(bundle.url.replace('graph', 'other'), { method: 'POST' })).status).toBe(
      404,
    );
  });

  test.each<[string, string | Uint8Array, Record<string, string>, number]>([
    [
      '20,000 keys',
      `{${Array.from({ length: 20_000 }, (_, key) => `"${key}":0`).join(',')},"value":[]}`,
      {},
      202,
    ],
    ['objects that are 20,000 deep', '{"value":'.repeat(20_000), {}, 400],
    [
      'UTF-16',
      new Uint8Array(Buffer.from('{"value":[]}', 'utf16le')),
      { 'content-type': 'application/json; charset=utf-16' },
      400,
    ],
    [
      'a charset that is not its own',
      '{"value":[]}',
      { 'content-type': 'text/html; charset=koi8-r' },
      202,
    ],
    [
      'a gzip bomb',
      new Uint8Array(gzipSync(Buffer.alloc(50_000_000))),
      { 'content-encoding': 'gzip' },
      415,
    ],
    ['a bomb that says it is none', new Uint8Array(gzipSync(Buffer.alloc(50_000_000))), {}, 400],
    [
      'prototypes at every level',
      '{"__proto__":{"x":1},"value":[{"__proto__":{"x":1},"subscriptionId":"a","resourceData":{"__proto__":{"x":1}},"constructor":{"prototype":{"x":1}}}]}',
      {},
      202,
    ],
  ])('answers %s, and goes on', async (_, body, headers, status) => {
    await using bundle = await startWebhook();
    const answer = await fetch(bundle.url, { method: 'POST', headers, body: body as string });
    expect([answer.status, await answer.text()]).toEqual([status, '']);
    expect(({} as { x?: number }).x).toBeUndefined();
    expect((await bundle.post({ value: [item('AAMk1=')] })).status).toBe(202);
    expect(await bundle.waiting()).toEqual(['AAMk1=']);
  });

  test('answers 503 while Redis hangs, and 202 again once it does not', async () => {
    await using bundle = await startWebhook();
    expect((await bundle.post({ value: [item('before')] })).status).toBe(202);
    bundle.server.process.kill('SIGSTOP');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => bundle.post({ value: [item(`frozen${index}`)] })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(answers[0]?.headers.get('retry-after')).toBe('5');
    bundle.server.process.kill('SIGCONT');
    // Graph sends them again; what had reached Redis before the thaw is one job all the same.
    for (let index = 0; index < 20; index += 1) {
      expect((await bundle.post({ value: [item(`frozen${index}`)] })).status).toBe(202);
    }
    expect(await bundle.inbound.getWaitingCount()).toBe(21);
  });

  test('has nothing of a header bomb in memory; control: without a limit all of it is', async () => {
    await using bundle = await startWebhook();
    const bomb = `POST /webhooks/graph HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ${'y'.repeat(1_000_000)}\r\n\r\n`;
    const held: number[] = [];
    const plain = createServer({ maxHeaderSize: 2_000_000 }, ({ headers }, res) => {
      held.push(String(headers['x']).length);
      res.end();
    });
    await using open = await openServer(plain);
    expect(await raw(open.port, bomb)).toMatch(/^HTTP\/1\.1 200/);
    expect(held).toEqual([1_000_000]);
    await raw(bundle.port, bomb).catch(() => undefined);
    expect(bundle.answered).toEqual([]);
    expect((await bundle.post({ value: [item('AAMk1=')] })).status).toBe(202);
  });

  test('refuses a header bomb and requests that smuggle another', async () => {
    await using bundle = await startWebhook();
    const bomb = `POST /webhooks/graph HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(9_000)}\r\n\r\n`;
    expect(await raw(bundle.port, bomb)).toMatch(/^HTTP\/1\.1 431/);
    const head = 'POST /webhooks/graph HTTP/1.1\r\nHost: x\r\n';
    for (const lines of [
      'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n',
      'Content-Length: 4\r\nContent-Length: 5\r\n',
      'Content-Length: +4\r\n',
      'Content-Length: 4x\r\n',
      'Transfer-Encoding: xchunked\r\n',
      'Transfer-Encoding : chunked\r\n',
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n',
      'X: y\nSmuggled: z\r\n',
      'X\0: y\r\n',
      ' Folded: y\r\n',
    ]) {
      // Refused and closed: what follows is not taken for another request.
      const answer = await raw(bundle.port, `${head}${lines}\r\n0\r\n\r\n${head}\r\n`);
      expect([lines, answer.match(/HTTP\/1\.1 \d+/g)]).toEqual([lines, ['HTTP/1.1 400']]);
    }
    expect(await bundle.inbound.getWaitingCount()).toBe(0);
  });
});
