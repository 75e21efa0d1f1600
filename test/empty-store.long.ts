import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { callJson } from '../tools/fleet/call-json.ts';
import { redisUrlOf } from '../tools/fleet/redis-command.ts';
import { SimulatorClient } from '../tools/fleet/simulator-client.ts';
import { setUpFleetHome } from './launch-fleet.ts';

const FIRST = { messages: 200, mailboxes: 4 };
const PLAN = { messages: 2_000, mailboxes: 4, seed: 7, announced: 0.5, perSecond: 100 };
/** Long after the moment: the fleet must be as good as before, not only through. */
const AFTERWARDS = { messages: 50, mailboxes: 4, seed: 8, announced: 0.5 };

test('a store that is emptied in mid-session loses no mail and doubles none, and nothing is restarted', async () => {
  await using home = await setUpFleetHome();
  const launch = home.launch(
    ['--messages', String(FIRST.messages), '--mailboxes', String(FIRST.mailboxes)],
    { direct: true },
  );
  await until(() => launch.output().includes('The fleet stays up'), {
    timeoutMs: 120_000,
    what: 'the fleet is up',
  });
  const file = (name: string): unknown =>
    JSON.parse(readFileSync(`${home.dataDir}/${name}.json`, 'utf8'));
  const ports = file('ports') as { redis: number; simulator: number };
  const secrets = file('secrets') as { simulatorToken: string; redisPassword: string };
  const { url, token } = file('console') as { url: string; token: string };
  const simulator = new SimulatorClient(
    `http://127.0.0.1:${ports.simulator}`,
    secrets.simulatorToken,
  );
  const storedAre = (count: number) =>
    until(async () => (await simulator.status()).stored >= count, {
      timeoutMs: 180_000,
      what: `${count} are stored`,
    });
  const pids = home.running();

  await callJson(new URL('/api/sessions', url).href, {
    method: 'POST',
    token,
    body: { name: 'november' },
  });
  await simulator.inject(PLAN);
  await storedAre(FIRST.messages + PLAN.messages / 4);
  const redis = new Redis(redisUrlOf(ports.redis, secrets.redisPassword));
  await redis.flushall();
  redis.disconnect();
  expect((await simulator.status()).stored).toBeLessThan(FIRST.messages + PLAN.messages);

  await storedAre(FIRST.messages + PLAN.messages);
  const { concerns } = await callJson<{ concerns: { code: string }[] }>(
    new URL('/api/overview', url).href,
    { token },
  );
  expect(concerns.map(({ code }) => code)).toContain('store_reset');
  await simulator.inject(AFTERWARDS);
  await storedAre(FIRST.messages + PLAN.messages + AFTERWARDS.messages);

  const effects = readFileSync(`${home.dataDir}/simulator/stored.jsonl`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { id: string }).id);
  expect(effects).toHaveLength(FIRST.messages + PLAN.messages + AFTERWARDS.messages);
  expect(new Set(effects).size).toBe(effects.length);
  expect(home.running()).toEqual(pids);
}, 900_000);
