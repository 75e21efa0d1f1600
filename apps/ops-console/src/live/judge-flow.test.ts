import { describe, expect, test } from '@jest/globals';

import { judgeFlow, type Observed } from './judge-flow.ts';

const idle = {
  waiting: 0,
  active: 0,
  delayed: 0,
  failed: 0,
  paused: false,
  gatedForSeconds: 0,
  oldestSeconds: null,
};

const FRESH = { total: 2, stale: 0, held: [], heldTotal: 0 };
const HELD = {
  id: 'm',
  label: 'AP Berlin',
  reason: 'throttled' as const,
  since: '2026-11-25T10:00:00.000Z',
  until: '2026-11-25T10:07:00.000Z',
};

function observe(
  inbound: Partial<Observed['queues'][number]> = {},
  rest: Partial<Omit<Observed, 'queues'>> = {},
): Observed {
  return {
    queues: [
      { ...idle, name: 'polling' },
      { ...idle, name: 'inbound', ...inbound },
      { ...idle, name: 'outbound' },
    ],
    rates: { noticed: 0, prepared: 0, delivered: 0 },
    ms4: { gate: 'open', forSeconds: 0 },
    deadLetters: { total: 0, snoozed: 0 },
    mailboxes: FRESH,
    unready: [],
    ...rest,
  };
}

describe('judgeFlow', () => {
  test('is quiet when nothing waits and nothing comes, and flows when something does', () => {
    expect(judgeFlow(observe()).verdict).toBe('quiet');
    expect(judgeFlow(observe({ waiting: 3, oldestSeconds: 1 })).verdict).toBe('flowing');
    const rates = { noticed: 1, prepared: 1, delivered: 0 };
    expect(judgeFlow(observe({}, { rates })).verdict).toBe('flowing');
  });

  test.each([
    ['a paused queue', observe({ paused: true }), 'stopped', 'queue_paused'],
    [
      'a queue that none leaves',
      observe({ waiting: 4, oldestSeconds: 30 }),
      'stopped',
      'queue_stuck',
    ],
    [
      'an open breaker',
      observe({}, { ms4: { gate: 'tripped', forSeconds: 8 } }),
      'stopped',
      'ms4_down',
    ],
    [
      'a Retry-After',
      observe({}, { ms4: { gate: 'held', forSeconds: 8 } }),
      'attention',
      'ms4_holds',
    ],
    ['a gated queue', observe({ gatedForSeconds: 30 }), 'attention', 'queue_gated'],
    [
      'a dead letter',
      observe({}, { deadLetters: { total: 1, snoozed: 0 } }),
      'attention',
      'dead_letters',
    ],
    [
      'a credential that ends in a fortnight',
      observe({}, { ends: [{ name: 'graph', at: 0, inMs: 14 * 86_400_000 }] }),
      'attention',
      'credential_ends',
    ],
    [
      'a mailbox nobody walks',
      observe({}, { mailboxes: { ...FRESH, stale: 1 } }),
      'attention',
      'mailboxes_stale',
    ],
    [
      'a mailbox that Graph throttles',
      observe({}, { mailboxes: { ...FRESH, held: [HELD], heldTotal: 3 } }),
      'attention',
      'mailboxes_held',
    ],
    [
      'a process that is not ready',
      observe({}, { unready: [{ app: 'poller', unready: ['graph'] }] }),
      'attention',
      'not_ready',
    ],
  ])('says of %s what it is', (_name, observed, verdict, code) => {
    const judged = judgeFlow(observed);
    expect(judged.verdict).toBe(verdict);
    expect(judged.concerns.map((concern) => concern.code)).toEqual([code]);
  });

  test('calls a long queue slow and not stuck while others leave it', () => {
    const rates = { noticed: 5, prepared: 5, delivered: 5 };
    const judged = judgeFlow(observe({ waiting: 900, oldestSeconds: 180 }, { rates }));
    expect(judged.concerns.map(({ code }) => code)).toEqual(['queue_slow']);
    // Before there are rates nobody can say that none leaves.
    const unknown = { noticed: null, prepared: null, delivered: null };
    const early = judgeFlow(observe({ waiting: 900, oldestSeconds: 60 }, { rates: unknown }));
    expect(early.verdict).toBe('flowing');
  });

  test('names a mailbox that is held, since when and until when', () => {
    const mailboxes = { ...FRESH, held: [HELD], heldTotal: 3 };
    expect(judgeFlow(observe({}, { mailboxes })).concerns[0]?.text).toBe(
      'Graph throttles AP Berlin and 2 others since 10:00, asked again at 10:07 UTC: mail there waits.',
    );
  });

  test('says that mail flows only where it moves', () => {
    const deadLetters = { total: 1, snoozed: 0 };
    const headline = (...of: Parameters<typeof observe>) => judgeFlow(observe(...of)).headline;
    const rates = { noticed: 1, prepared: 1, delivered: 1 };
    expect(headline()).toBe('All quiet');
    expect(headline({}, { deadLetters })).toBe('All quiet, with something to look at');
    expect(headline({}, { deadLetters, rates })).toBe('Mail is flowing, with something to look at');
    expect(headline({ waiting: 3, oldestSeconds: 1 }, { deadLetters })).toBe(
      'Mail waits, and needs a look',
    );
    expect(headline({ paused: true })).toBe('Mail has stopped');
  });

  test('is calm about dead letters that somebody has put off, and not about the others', () => {
    const judged = (total: number) =>
      judgeFlow(observe({}, { deadLetters: { total, snoozed: 3 } }));
    expect(judged(3)).toMatchObject({ verdict: 'quiet', concerns: [] });
    expect(judged(4).concerns).toMatchObject([{ text: /^1 message is a dead letter/ }]);
  });

  test('tells the worst first', () => {
    const judged = judgeFlow(observe({ paused: true }, { deadLetters: { total: 7, snoozed: 0 } }));
    expect(judged.concerns.map(({ level }) => level)).toEqual(['stopped', 'attention']);
  });

  test('says for an hour that the store was reset', () => {
    const judged = judgeFlow({ ...observe(), resetSecondsAgo: 120 });
    expect(judged).toMatchObject({ verdict: 'attention', concerns: [{ code: 'store_reset' }] });
    expect(judgeFlow({ ...observe(), resetSecondsAgo: 3_700 }).verdict).toBe('quiet');
  });
});

test('tells of a credential by its days, while there are some and afterwards, and not a month before', () => {
  const at = Date.parse('2027-01-31T12:00:00Z');
  const textOf = (days: number) => {
    const ends = [{ name: 'ms4', at, inMs: days * 86_400_000 }] as const;
    return judgeFlow(observe({}, { ends })).concerns.map(({ text }) => text);
  };
  expect(textOf(30)).toEqual([]);
  expect(textOf(1.5)).toEqual([
    'Our credential for MS4 ends in 1 day, on 2027-01-31: make another and hand it over.',
  ]);
  expect(textOf(-1)[0]).toContain('has ended, on 2027-01-31');
});
