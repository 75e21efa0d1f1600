import { expect, test } from '@jest/globals';
import { jobIdOf } from '@ms1/contracts';
import { until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

test('a death by any hand reaches the ledger and its session, and the rest goes on', async () => {
  await using fleet = await startFleet();
  const [mailboxId = ''] = fleet.mailboxes;
  const { session } = await fleet.sessions.create({ name: 'march', mailboxes: [mailboxId] });
  const notice = async (count: number) => {
    const refs = [];
    for (let n = 0; n < count; n += 1) {
      refs.push({ mailboxId, messageId: await fleet.inject(mailboxId) });
    }
    return fleet.notice(refs, { sessionId: session.id });
  };
  const states = async (keys: string[]) =>
    (await fleet.ledger.known(keys)).map((entry) =>
      `${entry?.state} ${entry?.reason ?? ''}`.trim(),
    );
  const keys = await notice(6);
  const [unread = '', options = '', killer = '', other = ''] = keys;
  const at = (key: string): string => fleet.inbound.toKey(jobIdOf(key));
  await fleet.redis.hset(at(unread), 'data', '{"v":');
  await fleet.redis.hset(at(options), 'opts', '{"attempts":');
  // What the stalled check of BullMQ leaves of a job that killed its worker each time.
  await fleet.redis.hset(at(killer), 'stc', 11, 'defa', 'job stalled more than allowable limit');
  await fleet.startProcessor();

  await until(async () => !(await states(keys)).includes('queued'), {
    what: 'all have ended',
  });
  expect(await states(keys)).toEqual([
    'dead job_unreadable',
    'dead job_unreadable',
    // The ledger keeps 36 characters of a reason.
    'dead job stalled more than allowable limi',
    'prepared',
    'prepared',
    'prepared',
  ]);

  // A letter that none of our processes has made: the job of a message that is on its way.
  await fleet.redis.del(at(other));
  const [late = '', ...more] = await notice(3);
  await fleet.redis
    .multi()
    .hset(at(late), 'failedReason', 'by hand')
    .zadd(fleet.inbound.toKey('failed'), Date.now(), jobIdOf(late))
    .exec();
  await until(async () => (await states([late]))[0] !== 'queued', {
    what: 'told',
  });
  await until(async () => (await states(more)).every((state) => state === 'prepared'), {
    what: 'those after it',
  });
  await until(async () => (await fleet.sessions.counts(session.id)).queued === 0, {
    what: 'the session waits for none of them',
  });
});
