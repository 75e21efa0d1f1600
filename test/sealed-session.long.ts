import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { canariesOf, journalOf } from './e2e/personal-data.ts';
import { setUpFleetHome } from './launch-fleet.ts';

const MESSAGES = 1_000;
const BATCH_SIZE = 100;
const SESSION = ['--messages', String(MESSAGES), '--mailboxes', '4'];
const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
/** All take their time, so that when the key changes records wait in Redis and others are still to be made: 20 in 0.5 s. */
const SLOWLY = {
  SIMULATOR_GRAPH_LATENCY_MS: '500',
  PROCESSOR_BATCH_SIZE: '20',
  PROCESSOR_CONCURRENCY: '1',
  SIMULATOR_MS4_LATENCY_MS: '1500',
  MS4_SENDER_BATCH_SIZE: String(BATCH_SIZE),
  MS4_SENDER_BATCH_SIZE_PINNED: 'true',
  MS4_SENDER_CONCURRENCY: '1',
};

test('a session with a key leaves nothing of the mail in Redis, also when the key changes in its middle: all of it is delivered, once', async () => {
  await using home = await setUpFleetHome();
  const stored = () =>
    readFileSync(join(home.dataDir, 'simulator', 'stored.jsonl'), 'utf8').split('\n').length - 1;
  const first = home.launch(SESSION, {
    direct: true,
    env: { ...SLOWLY, PAYLOAD_KEY: key('old', 1) },
  });
  await until(() => stored() >= BATCH_SIZE, { timeoutMs: 120_000, what: 'a batch is stored' });
  first.interrupt();
  await first.exited;
  const before = journalOf(home.dataDir);
  const handedOver = new Set(before.match(/^\{ms1\}:outbound:m-[\w-]{22}(?=\r$)/gm));
  expect(handedOver.size).toBeGreaterThan(stored());
  expect(handedOver.size).toBeLessThan(MESSAGES);

  const second = home.launch([...SESSION, '--exit', '--report', home.reportFile], {
    direct: true,
    env: { PAYLOAD_KEY: `${key('new', 2)},${key('old', 1)}` },
  });
  const code = await second.exited;
  expect({ code, output: second.output() }).toMatchObject({ code: 0 });
  const report = JSON.parse(readFileSync(home.reportFile, 'utf8')) as { messages: object };
  expect(report.messages).toMatchObject({
    injected: MESSAGES,
    delivered: MESSAGES,
    dead: 0,
    unexplained: 0,
    duplicates: 0,
  });

  // Whatever Redis was ever told, by both fleets, of any type.
  const journal = journalOf(home.dataDir);
  expect([before.includes('"sealed":"old.'), journal.includes('"sealed":"new.')]).toEqual([
    true,
    true,
  ]);
  const { mail } = canariesOf(home.dataDir);
  expect(mail.length).toBeGreaterThan(MESSAGES);
  expect(mail.filter((canary) => journal.includes(canary))).toEqual([]);
}, 300_000);
