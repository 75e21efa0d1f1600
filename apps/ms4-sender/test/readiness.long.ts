import { expect, test } from '@jest/globals';
import { together, until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

/** Each goes on until it is taken away: nothing is delivered, nothing is dead, nothing is said to the queue for good. */
const SILENT = [
  ['ms4-5xx', {}, '503'],
  ['ms4-html', {}, 'out of contract'],
  ['ms4-hang', {}, 'did not answer'],
  ['ms4-poison', { status: 400, match: 'Invoice' }, '400'],
] as const;

async function readiness([fault, settings, words]: (typeof SILENT)[number]): Promise<void> {
  await using fleet = await startFleet();
  await fleet.fault(fault, settings);
  const sender = await fleet.startSender({ MS4_TIMEOUT_MS: '2000' });
  const keys = await fleet.add(0, 20);
  const reason = await until(
    async () => {
      const response = await fetch(`${sender.health}/readyz`);
      return response.status === 503 ? response.text() : null;
    },
    { what: `not ready under ${fault}` },
  );
  // A restart would mend nothing.
  expect((await fetch(`${sender.health}/healthz`)).status).toBe(200);
  await fleet.clearFaults();
  await fleet.delivered(keys);
  await sender.ready(`${sender.health}/readyz`);
  expect((await fleet.ms4()).stored).toBe(keys.length);
  expect(reason).toMatch(/"progress":"nothing delivered for \d+ s/);
  expect(reason).toContain(words);
}

test(
  'a sender that gets nothing done says so and why, keeps all, and is ready again by itself',
  together(
    ...SILENT.map(
      (silent) =>
        [`a sender that delivers nothing under ${silent[0]}`, () => readiness(silent)] as const,
    ),

    [
      'one of two that hangs over its batch says so while the other gets on, and is ready again by itself',
      async () => {
        await using fleet = await startFleet();
        // In a minute its batch is taken from it.
        const env = {
          MS4_TIMEOUT_MS: '1000',
          MS4_SENDER_CONCURRENCY: '1',
          MS4_SENDER_BATCH_SIZE: '10',
        };
        const hangs = { NODE_ENV: 'test', FAILPOINT: 'ms4-sender:after-post:1:hang' };
        const stuck = await fleet.startSender({ ...env, ...hangs });
        const keys = await fleet.add(0, 10);
        const isUnready = async ({ health }: typeof stuck) =>
          (await fetch(`${health}/readyz`)).status === 503;
        await until(async () => (await fleet.ms4()).stored === 10, { what: 'its batch is at MS4' });
        const other = await fleet.startSender(env);
        let added = 10;
        await until(
          async () => {
            // There is always something that the other gets through.
            keys.push(...(await fleet.add(added, added + 1)));
            added += 1;
            // Nor is it the other that is not well.
            expect(await isUnready(other)).toBe(false);
            return isUnready(stuck);
          },
          { what: 'the one that hangs is not ready', timeoutMs: 35_000 },
        );
        await fleet.delivered(keys);
        await until(async () => !(await isUnready(stuck)), {
          what: 'ready again',
          timeoutMs: 120_000,
        });
        expect((await fleet.ms4()).stored).toBe(keys.length);
      },
    ],
  ),
  300_000,
);
