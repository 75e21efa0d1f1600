import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { closeRedis, connectRedis } from '@ms1/redis';
import { freePort, openFaultLine, openServer, startRedis } from '@ms1/testkit';

import { CHECKS } from '../src/all-checks.ts';
import { Installation } from '../src/installation.ts';
import type { CheckResult } from '../src/run-checks.ts';
import { BROKEN, skipped } from './broken-installations.ts';
import {
  doctorBundle,
  type Examination,
  REDIS_PASSWORD,
  SECRET,
  troublesOf,
} from './doctor-bundle.ts';
import type { Interference } from './tls-front.ts';

type Bundle = Awaited<ReturnType<typeof doctorBundle>>;

/** One installation for the whole table: each row breaks one thing, and it is healed before the next. */
let bundle: Bundle;
const everything: CheckResult[] = [];

beforeAll(async () => {
  bundle = await doctorBundle();
});
beforeEach(() => bundle.heal(), 30_000);
afterAll(async () => bundle[Symbol.asyncDispose](), 30_000);

async function examine(how?: Examination): Promise<CheckResult[]> {
  const results = await bundle.examine(how);
  everything.push(...results);
  return results;
}

describe('ms1 doctor', () => {
  test('finds nothing wrong with an installation that is well, and looks at all of it', async () => {
    const results = await examine();
    expect(troublesOf(results)).toEqual({});
    expect(results.map(({ name }) => name)).toEqual(CHECKS.map(({ name }) => name));
    expect(await bundle.stored()).toBe(0);
  });

  test.each(BROKEN)('says what is wrong and what to do when $broken', async (row) => {
    await row.by?.(bundle);
    const results = await examine(row.examined?.(bundle));
    expect(troublesOf(results)).toEqual(row.found);
    const named = results.find(({ name }) => name === Object.keys(row.found)[0]);
    expect(named?.remedy).toBeTruthy();
    expect(`${named?.seen}; ${named?.remedy}; ${named?.details.join('; ')}`).toMatch(row.says);
    expect(await bundle.stored()).toBe(0);
  });

  test('no Redis: what needs none is looked at all the same', async () => {
    const url = bundle.redisUrlOf(await freePort());
    const results = await examine({ change: { REDIS_URL: url }, redisStartMs: 500 });
    expect(troublesOf(results)).toEqual({
      'redis.connection': 'fail',
      ...skipped('redis.version', 'redis.eviction', 'redis.persistence', 'redis.memory'),
      ...skipped('redis.replication', 'redis.clock', 'redis.shards'),
      ...skipped('webhook.forged', 'webhook.subscriptions'),
    });
    expect(results.find(({ name }) => name === 'redis.connection')?.remedy).toContain('REDIS_URL');
  });

  test('a Redis that takes two seconds for an answer is not taken for broken', async () => {
    const env = { REDIS_URL: bundle.redisUrlOf(bundle.redisPort) };
    await using installation = new Installation({ env, clock: { now: () => Date.now() } });
    const redis = await installation.redis();
    await redis.call('CLIENT', 'PAUSE', '2000', 'ALL');
    expect(await redis.time()).toHaveLength(2);
  });

  test('a Redis that is a replica, or far away', async () => {
    const flags = { appendonly: 'yes', maxmemory: '1gb' };
    await using second = await startRedis({ flags });
    await bundle.redis.call('CONFIG', 'SET', 'masterauth', REDIS_PASSWORD);
    const replica = await connectRedis({ url: second.url, role: 'worker', name: 'test' });
    await replica.call('REPLICAOF', '127.0.0.1', String(bundle.redisPort));
    const following = await examine({ change: { REDIS_URL: second.url }, only: 'redis' });
    await closeRedis(replica);
    expect(troublesOf(following)).toEqual({ 'redis.replication': 'fail' });
    expect(following.find(({ name }) => name === 'redis.replication')).toMatchObject({
      seen: expect.stringContaining('replica'),
      remedy: expect.stringContaining('primary'),
    });
    await using line = await openFaultLine({ port: bundle.redisPort });
    line.delay(15);
    const far = await examine({
      change: { REDIS_URL: bundle.redisUrlOf(line.port) },
      only: 'redis',
    });
    expect(troublesOf(far)).toEqual({});
    expect(far.find(({ name }) => name === 'redis.latency')?.status).not.toBe('ok');
  });

  test('no Graph, no MS4, no webhook: each names its own', async () => {
    const nowhere = `https://127.0.0.1:${await freePort()}`;
    const change = {
      MS4_BASE_URL: nowhere,
      NOTIFICATION_URL: `${nowhere}/webhooks/graph`,
      GRAPH_BASE_URL: `http://127.0.0.1:${await freePort()}/v1.0`,
    };
    const found = troublesOf(await examine({ change }));
    expect(found).toMatchObject({
      'ms4.connection': 'fail',
      'ms4.contract': 'skipped',
      'webhook.handshake': 'fail',
      'webhook.forged': 'skipped',
      'webhook.subscriptions': 'fail',
      'graph.clock': 'skipped',
      'graph.mailboxes': 'fail',
    });
  });

  test('certificates that nobody vouches for', async () => {
    const found = troublesOf(await examine({ change: { MS4_TLS_CA: bundle.lasting.cert } }));
    expect(found).toMatchObject({ 'ms4.certificate': 'fail', 'ms4.connection': 'fail' });
    expect(found['webhook.certificate']).toBeUndefined();
  });

  test('RBAC for Applications, whose grant no token shows, is well too', async () => {
    await bundle.fault({ name: 'graph-roles', match: 'none' });
    expect(troublesOf(await examine({ only: 'graph' }))).toEqual({});
  });

  test('sends no credential after a redirect', async () => {
    const seen: string[] = [];
    const elsewhere = createServer((req, res) => {
      seen.push(req.url ?? '');
      res.end();
    });
    await using open = await openServer(elsewhere);
    const location = `http://127.0.0.1:${open.port}/`;
    const away: Interference = (_req, res) => {
      res.writeHead(307, { location }).end();
      return true;
    };
    bundle.ms4.front.interfere = away;
    bundle.webhook.front.interfere = away;
    const found = troublesOf(await examine());
    expect(found).toMatchObject({ 'ms4.contract': 'fail', 'webhook.handshake': 'fail' });
    expect(seen).toEqual([]);
  });

  test('has never said a secret, an address or a clientState, whatever was wrong', () => {
    expect(everything.length).toBeGreaterThan(500);
    const said = JSON.stringify(everything);
    for (const secret of [
      SECRET,
      REDIS_PASSWORD,
      'state-that-is-secret',
      'wrong-secret-of-the-app',
      '@',
      'PRIVATE KEY',
    ]) {
      expect(said.includes(secret)).toBe(false);
    }
  });
});
