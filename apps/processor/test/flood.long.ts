import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { allPrepared, PDF, UNDATED } from './announced-mail.ts';
import { startFleet } from './start-fleet.ts';

const FLOOD = 1_000;

test('a flood in one mailbox does not keep the mail of others, that came after it, waiting for most of it', async () => {
  // Four in flight are eight messages a second of the flood.
  await using fleet = await startFleet({ SIMULATOR_GRAPH_LATENCY_MS: '500' });
  const [flooded = '', ...others] = fleet.mailboxes;
  const more = { source: 'poll', metadata: UNDATED } as const;
  const notice = async (mailboxId: string, count: number): Promise<string[]> => {
    const refs: { mailboxId: string; messageId: string }[] = [];
    while (refs.length < count) {
      const some = Array.from({ length: 20 }, () => fleet.inject(mailboxId, PDF));
      refs.push(...(await Promise.all(some)).map((messageId) => ({ mailboxId, messageId })));
    }
    return fleet.notice(refs.slice(0, count), more);
  };
  const flood = await notice(flooded, FLOOD);
  const mail: string[] = [];
  for (const mailboxId of others) mail.push(...(await notice(mailboxId, 1)));
  await fleet.startProcessor({ PROCESSOR_BATCH_SIZE: '100', PROCESSOR_CONCURRENCY: '2' });
  await allPrepared(fleet, mail);
  const prepared = async () =>
    (await fleet.ledger.known(flood)).filter((entry) => entry?.state === 'prepared').length;
  // By the time-outs of those who wait it would be two of five: 200 in hand for 10 s, five times.
  expect(await prepared()).toBeLessThan(FLOOD / 5);
  const then = await prepared();
  await until(async () => (await prepared()) > then + 20, {
    what: 'the flood goes on',
    timeoutMs: 120_000,
  });
  for (const job of await fleet.inbound.getDelayed(0, 20)) expect(job.attemptsMade).toBe(0);
}, 900_000);
