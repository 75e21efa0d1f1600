import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

const SIZE = 10;

const ENV = {
  MS4_SENDER_BATCH_SIZE: String(SIZE),
  MS4_SENDER_BATCH_SIZE_PINNED: 'true',
  MS4_SENDER_LOCK_MS: '2000',
  MS4_TIMEOUT_MS: '120000',
};

type Fleet = Awaited<ReturnType<typeof startFleet>>;
type Sender = Awaited<ReturnType<Fleet['startSender']>>;

/** How a sender comes to a halt that has its batch at MS4, and what it does when that is over. */
interface Halt {
  begin(fleet: Fleet): Promise<Sender>;
  hold(sender: Sender): Promise<unknown>;
  end(sender: Sender): void;
}

const STOPPED: Halt = {
  async begin(fleet) {
    await fleet.fault('ms4-commit-then-hang', { times: 1 });
    return fleet.startSender(ENV);
  },
  hold: async ({ child }) => child.kill('SIGSTOP'),
  end: ({ child }) => void child.kill('SIGCONT'),
};

const BLOCKED: Halt = {
  begin: (fleet) =>
    // For longer than the test lasts: a busy machine takes its time to take over.
    fleet.startSender({
      ...ENV,
      NODE_ENV: 'test',
      FAILPOINT: 'ms4-sender:after-post:1:block=600000',
    }),
  async hold({ health }) {
    const isSilent = () =>
      fetch(`${health}/healthz`, { signal: AbortSignal.timeout(1_000) }).then(
        () => false,
        () => true,
      );
    await until(isSilent, { what: 'nobody finds it alive' });
  },
  end: ({ child }) => void child.kill('SIGKILL'),
};

/** How many records MS4 has of 20: one sender halts with the first ten in hand, and another takes over. */
async function storedAfter(halt: Halt, { forgets }: { forgets: boolean }): Promise<number> {
  await using fleet = await startFleet();
  if (forgets) await fleet.fault('ms4-forgets');
  const victim = await halt.begin(fleet);
  const keys = await fleet.add(0, SIZE);
  await until(async () => (await fleet.ms4()).stored === SIZE, { what: 'its batch is at MS4' });
  await halt.hold(victim);
  await fleet.startSender(ENV);
  await fleet.delivered(keys);
  halt.end(victim);
  await fleet.delivered(await fleet.add(SIZE, 2 * SIZE));
  await until(async () => (await fleet.queue.getJobCountByTypes()) === 0, { what: 'no job left' });
  return (await fleet.ms4()).stored;
}

test.each([
  ['is stopped past its lock, and thawed', STOPPED],
  ['blocks its event loop, so that nobody finds it alive', BLOCKED],
])(
  'what a sender has in hand that %s another delivers, once; control: an MS4 that forgets has it twice',
  async (_, halt) => {
    const [knows, forgets] = await Promise.all([
      storedAfter(halt, { forgets: false }),
      storedAfter(halt, { forgets: true }),
    ]);
    expect(knows).toBe(2 * SIZE);
    expect(forgets).toBeGreaterThanOrEqual(3 * SIZE);
  },
);
