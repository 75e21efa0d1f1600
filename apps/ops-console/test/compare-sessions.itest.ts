import { describe, expect, test } from '@jest/globals';

import { consoleBundle as setup, TOKENS } from './console-bundle.ts';

const SECOND = 1_000;

describe('GET /api/sessions/compare', () => {
  test('puts sessions side by side, in the order asked for, with what the service did meanwhile', async () => {
    await using bundle = await setup();
    const { store, ledger, clock, history } = bundle;
    clock.at = Date.now() - 60 * SECOND;
    const run = async (name: string, messages: number, seconds: number) => {
      const { session } = await store.create({ name, mailboxes: ['a'], from: null, to: null });
      const sessionId = session.id;
      const keys = Array.from({ length: messages }, (_, n) => `${name}${n}`.padStart(22, 'K'));
      const at = clock.now();
      await ledger.record(
        keys.map((key) => ({ key, state: 'queued', at, sessionId, source: 'webhook' })),
      );
      await ledger.record(keys.map((key) => ({ key, state: 'delivered', at, receipt: 'r' })));
      clock.at += seconds * SECOND;
      await store.cancel(sessionId);
      return sessionId;
    };
    // The second ran when half as much could be done.
    const [quick, slow] = [await run('quick', 20, 10), await run('slow', 10, 20)];
    const inSlow = { ...(await history.begin()), now: clock.at - 5 * SECOND };
    await history.add(inSlow, {
      totals: { queued: 0, prepared: 0, delivered: 30, skipped: 0, dead: 0 },
      inbound: 70,
      outbound: 8,
      walkedSecondsAgo: 45,
      staleMailboxes: 0,
      deadLetters: 2,
    });
    const get = async (ids: string) => {
      const headers = { authorization: `Bearer ${TOKENS.reader}` };
      const { status, text } = await bundle.request(`/api/sessions/compare?ids=${ids}`, {
        headers,
      });
      return { status, body: JSON.parse(text) as object[] };
    };
    const { status, body } = await get(`${slow},${quick}`);
    expect(status).toBe(200);
    expect(body).toMatchObject([
      { id: slow, name: 'slow', seconds: 20, perSecond: 0.5, found: 10, mailboxes: 1 },
      { id: quick, name: 'quick', seconds: 10, perSecond: 2, found: 20, report: null },
    ]);
    expect(body).toMatchObject([
      { counts: { delivered: 10 }, service: { inbound: 70, walkedSecondsAgo: 45 } },
      { counts: { delivered: 20 }, service: { stepSeconds: 10 } },
    ]);
    expect((await get(`${quick},nowhere`)).status).toBe(404);
    // One has nothing to be compared with.
    expect((await get(quick)).status).toBe(400);
  });
});
