import { expect, test } from '@jest/globals';
import { startSentinel } from '@ms1/testkit';

import { startSession } from './session-fleet.ts';

const MESSAGES = 10_000;
/** 40 s of them: a fault in the middle of it is over while they still come. */
const PER_SECOND = 250;

test.each([
  ['killed', 'SIGKILL'],
  ['frozen', 'SIGSTOP'],
] as const)(
  'Sentinel: a session of 10,000 whose primary is %s in the middle loses none and doubles none',
  async (_, signal) => {
    await using sentinel = await startSentinel({ flags: { appendonly: 'yes' } });
    await using fleet = await startSession(() => ({ REDIS_URL: sentinel.url }), {
      messages: MESSAGES,
      perSecond: PER_SECOND,
    });
    await fleet.storedAre(MESSAGES / 4);
    const before = await sentinel.primary();
    process.kill(before.pid, signal);
    await sentinel.failedOver(before);
    await fleet.storedAre(MESSAGES / 2);
    // It comes back with what the others have not, and is told that it is none any more.
    if (signal === 'SIGSTOP') process.kill(before.pid, 'SIGCONT');
    await fleet.storedAre(MESSAGES);
    expect(fleet.verdict()).toEqual({ injected: MESSAGES, lost: 0, doubled: 0, phantoms: 0 });
    expect(await fleet.sessions()).toEqual(['november']);
  },
  900_000,
);
