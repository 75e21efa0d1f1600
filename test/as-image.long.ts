import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { SimulatorClient } from '../tools/fleet/simulator-client.ts';
import { imageTree, isRoot } from './image-tree.ts';
import { ManifestPods } from './manifest-pods.ts';

const MESSAGES = 400;
/** What each has to reach. All of it is used, and the policies allow the fleet nothing else of its namespace. */
const NEEDED = [
  'ingest-api > redis:6379',
  'ms4-sender > redis:6379',
  'ms4-sender > simulator:4300',
  'ops-console > redis:6379',
  'poller > redis:6379',
  'poller > simulator:4300',
  'processor > redis:6379',
  'processor > simulator:4300',
  'simulator > ingest-api:8080',
];

test('the manifests, run as the image runs them: nobody writes to a file, and nobody has a way but those of the policies', async () => {
  using tree = imageTree();
  await using cluster = new ManifestPods(tree);
  await cluster.start();
  const { network, pods, manifests } = cluster;
  const simulator = new SimulatorClient(
    cluster.simulatorUrl,
    cluster.config['SIMULATOR_TOKEN'] ?? '',
  );
  const stored = async (): Promise<number> => (await simulator.status()).stored;
  const storedAre = (count: number): Promise<unknown> =>
    until(async () => (await stored()) >= count, { what: `${count} are stored` });

  await simulator.inject({ messages: MESSAGES, mailboxes: 20, seed: 1, announced: 0.5 });
  await storedAre(MESSAGES);
  expect(await stored()).toBe(MESSAGES);
  expect([[...network.passed].toSorted(), [...network.refused]]).toEqual([NEEDED, []]);

  for (const { role, child } of pods) {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    expect([role, /^Uid:\t(\d+)/m.exec(status)?.[1]]).toEqual([role, String(tree.uid)]);
  }
  // Control: whoever runs so cannot write where they are.
  const [node = ''] = tree.entrypoint;
  for (const folder of [tree.app, tree.env['HOME']]) {
    const script = `fs.mkdirSync(${JSON.stringify(`${folder}/x`)})`;
    const { stderr } = spawnSync(node, ['--eval', script], { encoding: 'utf8', ...tree.user });
    expect(stderr).toContain('EACCES');
  }

  // Control: without the policy that lets them, they have no way, and mail waits for it.
  network.obey(manifests.filter(({ metadata }) => metadata.name !== 'simulator'));
  await simulator.inject({ messages: 10, mailboxes: 10, seed: 2, announced: 1 });
  await until(() => network.refused.has('processor > simulator:4300'), {
    what: 'the processors ask in vain',
  });
  expect(await stored()).toBe(MESSAGES);
  network.obey(manifests);
  await storedAre(MESSAGES + 10);

  for (const { child } of pods) child.kill('SIGTERM');
  for (const { role, exited, output } of pods) {
    expect([role, await exited, output().match(/EACCES|EROFS/g)]).toEqual([role, 0, null]);
  }
}, 180_000);

if (!isRoot()) {
  test.todo('as the user of the image: only root starts the processes of another user');
}
