import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { allPrepared, PDF, UNDATED } from './announced-mail.ts';
import { startFleet } from './start-fleet.ts';

const MAILBOXES = 8;
const EACH = 80;
const LATENCY_MS = 200;
/** Seconds to prepare 80 messages of one mailbox after the other, a request each. */
async function secondsToPrepare(env: Record<string, string>): Promise<number> {
  await using fleet = await startFleet({
    SIMULATOR_MAILBOXES: String(MAILBOXES),
    SIMULATOR_GRAPH_LATENCY_MS: String(LATENCY_MS),
  });
  const keys: string[] = [];
  for (const mailboxId of fleet.mailboxes) {
    const refs = [];
    for (let n = 0; n < EACH; n += 1) {
      refs.push({ mailboxId, messageId: await fleet.inject(mailboxId, PDF) });
    }
    keys.push(...(await fleet.notice(refs, { source: 'poll', metadata: UNDATED })));
  }
  await fleet.startProcessor(env);
  await until(async () => [...(await fleet.usage()).values()].length > 0, {
    what: 'the first request',
  });
  const began = performance.now();
  await allPrepared(fleet, keys);
  const usage = [...(await fleet.usage()).values()];
  expect(usage.map(({ units }) => units.message)).toEqual(fleet.mailboxes.map(() => EACH));
  expect(Math.max(...usage.map(({ inFlightMax }) => inFlightMax))).toBe(4);
  return (performance.now() - began) / 1_000;
}

test('where Graph is slow all mailboxes are read at once; with one batch in hand most wait for the others', async () => {
  const control = await secondsToPrepare({ PROCESSOR_CONCURRENCY: '1' });
  expect(await secondsToPrepare({})).toBeLessThan(control / 2);
});
