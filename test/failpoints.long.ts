import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FAILPOINTS } from '@ms1/runtime';
import { simulatedFleet } from '@ms1/testkit';

import { Lane } from './failpoint-lane.ts';
import { WALKS } from './failpoint-walks.ts';

/** Nothing is found by walking. */
const NEVER = { POLLER_INTERVAL_MS: '86400000', INGEST_SINCE: '2100-01-01T00:00:00Z' };

/** Lanes of failpoints, on one Redis and one simulator. */
async function setup() {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'ms1-failpoints-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const fleet = stack.use(
    await simulatedFleet({ SIMULATOR_MAILBOXES: '40', SIMULATOR_DATA_DIR: dataDir }),
  );
  let used = 0;
  /** @returns what is not there exactly once, by failpoint */
  const walk = async (name: string, failpoints: readonly string[]) => {
    // Walks of several folders at once would die over one without mail.
    const mailboxes = fleet.mailboxes.slice(used, used + (name === 'walk' ? 1 : failpoints.length));
    used += mailboxes.length;
    const prefix = `{${name}}`;
    await using lane = new Lane({ fleet, dataDir, prefix, mailboxes });
    if (name === 'push') {
      lane.env.poller = { ...NEVER, NOTIFICATION_URL: await lane.webhookUrl() };
      await lane.run('processor', 'ms4-sender', 'ingest-api');
    } else {
      if (name === 'session') lane.env.poller = NEVER;
      await lane.run('processor', 'ms4-sender', 'poller');
      if (name !== 'walk') await lane.run('ops-console');
    }
    const ends: Record<string, object> = {};
    for (const [index, failpoint] of failpoints.entries()) {
      const mailboxId = mailboxes[index % mailboxes.length] ?? '';
      await WALKS[name]?.[failpoint]?.({ lane, mailboxId, fleet, prefix }, failpoint);
      ends[failpoint] = await lane.settled(mailboxId);
    }
    return ends;
  };
  const opened = stack.move();
  return { fleet, walk, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test('a death at any failpoint loses nothing and doubles nothing', async () => {
  await using bundle = await setup();
  const lanes = Object.entries(WALKS).map(([name, walks]) => bundle.walk(name, Object.keys(walks)));
  const ends = Object.assign({}, ...(await Promise.all(lanes))) as Record<string, object>;
  expect(Object.keys(ends).toSorted()).toEqual([...FAILPOINTS].toSorted());
  for (const [failpoint, end] of Object.entries(ends)) {
    expect([failpoint, end]).toEqual([failpoint, { lost: 0, doubled: 0 }]);
  }
}, 900_000);

test('control: where MS4 does not know a record again, a death after it has stored doubles', async () => {
  await using bundle = await setup();
  await bundle.fleet.fault('ms4-forgets');
  const failpoint = 'ms4-sender:after-post';
  const ends = await bundle.walk('deliver', [failpoint]);
  expect(ends[failpoint]).not.toMatchObject({ doubled: 0 });
}, 300_000);
