import { describe, expect, test } from '@jest/globals';
import { type MessageState, messageKey } from '@ms1/contracts';
import type { LocateJobs } from '@ms1/queue';
import { aLedgerEntry, aMessage } from '@ms1/testkit';

import { judgeMessages } from './judge-messages.ts';

const MESSAGE = aMessage(1);

const ENDED_AT = 1_700_000_000_000;

type Place = Awaited<ReturnType<LocateJobs>>[number];

/** The ledger says first one thing and then, to whoever asks again, another. */
async function judge(
  states: (MessageState | null)[],
  place: Place,
  reason = 'why',
  listedAfterMs = 1,
) {
  const asked: string[][] = [];
  const [judgement] = await judgeMessages(
    {
      ledger: {
        async known(keys) {
          asked.push([...keys]);
          const state = states[Math.min(asked.length, states.length) - 1] ?? null;
          return keys.map(
            () => state && aLedgerEntry({ state, reason, sessionId: 's', at: ENDED_AT }),
          );
        },
      },
      listedAt: ENDED_AT + listedAfterMs,
      locate: async (keys) => keys.map(() => place),
    },
    [MESSAGE],
  );
  return { ...judgement, asked: asked.length };
}

const ON_INBOUND: Place = { queue: 'inbound', failed: false };

describe('judgeMessages', () => {
  test.each([
    ['delivered', 'delivered', ''],
    ['skipped', 'skipped', 'why'],
    ['dead', 'dead', 'why'],
  ] as const)('believes the ledger that a message is %s', async (state, verdict, why) => {
    expect(await judge([state], null)).toMatchObject({ verdict, why, asked: 1 });
  });

  test.each(['queued', 'prepared'] as const)(
    'believes that a message is %s only while its job exists',
    async (state) => {
      expect(await judge([state], ON_INBOUND)).toMatchObject({
        verdict: 'inFlight',
        why: 'inbound',
      });
      expect(await judge([state], null)).toMatchObject({ verdict: 'unexplained', why: 'job_gone' });
    },
  );

  test.each(['source_deleted', 'mailbox_removed'])(
    'does not believe %s of a message that Graph shows afterwards',
    async (reason) => {
      const judged = await judge(['skipped'], null, reason);
      expect(judged).toMatchObject({ verdict: 'unexplained', why: reason });
      // It ended while the folder was listed: Graph had shown it before.
      expect(await judge(['skipped'], null, reason, 0)).toMatchObject({ verdict: 'skipped' });
    },
  );

  test('a message that was delivered while its job was looked for is delivered', async () => {
    expect(await judge(['prepared', 'delivered'], null)).toMatchObject({ verdict: 'delivered' });
  });

  test('a message on its way that the ledger has forgotten is in flight, one nowhere was not noticed', async () => {
    expect(await judge([null], ON_INBOUND)).toMatchObject({ verdict: 'inFlight' });
    expect(await judge([null], null)).toMatchObject({ verdict: 'unexplained', why: 'not_noticed' });
  });

  test('a dead letter that the ledger calls queued is dead and untold', async () => {
    const judgement = await judge(['queued'], { queue: 'inbound', failed: true });
    expect(judgement).toMatchObject({ verdict: 'dead', why: 'job_failed', untold: true });
  });

  test('what belongs to a session stays with it', async () => {
    expect(await judge(['queued'], null)).toMatchObject({
      key: messageKey(MESSAGE),
      message: { sessionId: 's' },
    });
  });
});
