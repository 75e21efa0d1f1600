import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { callJson } from '../tools/fleet/call-json.ts';
import { redisUrlOf } from '../tools/fleet/redis-command.ts';
import { SimulatorClient } from '../tools/fleet/simulator-client.ts';
import { canariesOf, outputsOf, watchMetrics } from './e2e/personal-data.ts';
import { setUpFleetHome } from './launch-fleet.ts';

const FIRST = 100;
const PLAN = { messages: 2_000, mailboxes: 4, seed: 11, announced: 0.5, perSecond: 100 };
const ALL = FIRST + PLAN.messages;
const ROLES = ['ingest-api', 'poller', 'processor', 'ms4-sender'];

/** What Redis was told stands in a log as the numbers of its bytes. */
const withBytes = (text: string): string =>
  text.replaceAll(/\{"type":"Buffer","data":\[([\d,]*)\]\}/g, (_, bytes: string) =>
    Buffer.from(bytes.split(',').map(Number)).toString(),
  );

test('a Redis that refuses commands puts no mail into a log, and none is lost', async () => {
  await using home = await setUpFleetHome();
  const launch = home.launch(['--messages', String(FIRST), '--mailboxes', '4'], { direct: true });
  await until(() => launch.output().includes('The fleet stays up'), { what: 'the fleet is up' });
  const file = (name: string): unknown =>
    JSON.parse(readFileSync(`${home.dataDir}/${name}.json`, 'utf8'));
  const ports = file('ports') as { redis: number; simulator: number };
  const known = file('secrets') as { simulatorToken: string; redisPassword: string };
  const simulator = new SimulatorClient(
    `http://127.0.0.1:${ports.simulator}`,
    known.simulatorToken,
  );
  await using stack = new AsyncDisposableStack();
  const metrics = stack.adopt(watchMetrics(home.dataDir), (watch) => void watch.stop());
  const redis = stack.adopt(new Redis(redisUrlOf(ports.redis, known.redisPassword)), (one) =>
    one.disconnect(),
  );

  const stored = async (): Promise<number> => (await simulator.status()).stored;
  const logsOf = (role: string): string =>
    readdirSync(join(home.dataDir, 'logs'))
      .filter((name) => name.startsWith(role))
      .map((name) => readFileSync(join(home.dataDir, 'logs', name), 'utf8'))
      .join('');
  const hasSaid = (role: string): boolean => logsOf(role).includes('MISCONF');

  // A snapshot that cannot be written, as on a full disk.
  mkdirSync(join(home.dataDir, 'redis', 'dump.rdb'), { recursive: true });
  await redis.config('SET', 'stop-writes-on-bgsave-error', 'no');
  await redis.config('SET', 'save', '3600 1');
  await redis.bgsave();
  await until(async () => (await redis.info('persistence')).includes('last_bgsave_status:err'), {
    what: 'the snapshot has failed',
  });

  await simulator.inject(PLAN);
  await until(async () => (await stored()) > FIRST, { what: 'mail flows' });
  const refuse = async (end: () => boolean, what: string): Promise<void> => {
    await redis.config('SET', 'stop-writes-on-bgsave-error', 'yes');
    await until(end, { what });
    await redis.config('SET', 'stop-writes-on-bgsave-error', 'no');
  };
  await refuse(() => ROLES.every(hasSaid), 'every role is refused, and says so');

  // What is prepared meanwhile is handed over, and what MS4 has taken is noted, when Redis refuses it.
  const faults = { token: known.simulatorToken, method: 'POST' } as const;
  const fault = (name: string) =>
    callJson(`http://127.0.0.1:${ports.simulator}/control/faults`, {
      ...faults,
      body: { name, ms: 1_000, times: 40 },
    });
  await Promise.all([fault('graph-latency'), fault('ms4-latency')]);
  for (let time = 0; time < 3; time += 1) {
    const flowing = await stored();
    await until(async () => (await stored()) > flowing || flowing === ALL, { what: 'mail flows' });
    const began = performance.now();
    await refuse(() => performance.now() - began > 2_000, 'what was at work is at its end');
  }
  await until(async () => (await stored()) === ALL, {
    timeoutMs: 180_000,
    what: 'all is stored',
  });

  const outputs: Record<string, string> = { ...outputsOf(home.dataDir), ...metrics.stop() };
  const { mail, secrets } = canariesOf(home.dataDir);
  expect(mail.length).toBeGreaterThan(PLAN.messages);
  for (const [name, text] of Object.entries(outputs)) {
    const readable = withBytes(text);
    const found = [...mail, ...secrets].filter((canary) => readable.includes(canary));
    expect({ name, found: found.slice(0, 3) }).toEqual({ name, found: [] });
  }
}, 600_000);
