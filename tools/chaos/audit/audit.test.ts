import { describe, expect, test } from '@jest/globals';

import { judge } from './audit-seed.ts';
import type { Evidence } from './evidence.ts';
import { anEffect, BEGAN, someEvidence } from './some-evidence.ts';

/** What is wrong with it: `I1: a lost: nobody knows of it`. */
const brokenIn = (over: Partial<Evidence>): string[] =>
  judge(someEvidence(over))
    .filter(({ verdict }) => verdict === 'broken')
    .flatMap(({ id, worst }) => worst.map((one) => `${id}: ${one}`));

const without = (key: string): Evidence['effects'] =>
  someEvidence().effects.filter((effect) => effect.key !== key);

const { watched } = someEvidence();
const [sample] = watched.redis;
if (!sample) throw new Error('no sample');

test('where nothing is wrong nothing is found, and every finding says a value', () => {
  expect(brokenIn({})).toEqual([]);
  const findings = judge(someEvidence());
  expect(findings.filter(({ value }) => value === '')).toEqual([]);
  expect(findings.map(({ id }) => id)).toContain('I18');
});

describe('a message', () => {
  test.each<[string, Partial<Evidence>, string[]]>([
    ['that is lost', { effects: without('a') }, ['I1: a lost: nobody knows of it']],
    [
      'of which the ledger says what MS4 does not know',
      { effects: without('a'), fates: new Map([['a', { state: 'delivered', reason: '' }]]) },
      ['I1: a lost: the ledger says delivered, MS4 does not have it'],
    ],
    [
      'that is stuck',
      {
        effects: without('a'),
        fates: new Map([['a', { state: 'queued', reason: '' }]]),
        places: new Map([['a', { queue: 'inbound', list: 'active' }]]),
      },
      ['I1: a stuck: queued, inbound active'],
    ],
    [
      'that was skipped for a reason that no fault gives',
      {
        effects: without('a'),
        fates: new Map([['a', { state: 'skipped', reason: 'before_since' }]]),
      },
      ['I1: a unexplained: skipped:before_since'],
    ],
    ['that never came', { planned: 4 }, ['I1: 1 of the plan never came']],
    [
      'that is there twice',
      { effects: [...someEvidence().effects, anEffect('a', { batchId: 'batch-2' })] },
      ['I2: a doubled: 2 records, of batches batch-1 and batch-2'],
    ],
    [
      'that nobody sent',
      { effects: [...someEvidence().effects, anEffect('x')] },
      ['I3: x of batch batch-1: in no mailbox'],
    ],
    [
      'under another id',
      { effects: [...without('a'), anEffect('a', { recordId: 'other' })] },
      ['I3: a is in MS4 as other'],
    ],
    [
      'that was changed on its way',
      { pairs: [{ key: 'a', source: { subject: 'Invoice' }, record: { subject: 'Invo' } }] },
      ['I3: a: subject differs'],
    ],
    [
      'that took longer than its fault allows',
      { effects: [...without('a'), anEffect('a', { at: BEGAN + 120_000 })] },
      ['I4: a after 120.0 s'],
    ],
    ['that was taken with 202 and forgotten', { effects: without('a') }, ['I12: a']],
  ])('%s', (_, over, expected) => {
    expect(brokenIn(over)).toEqual(expect.arrayContaining(expected));
  });

  test('that came behind what a fault held up waits with it; control: with nothing before it, it is late', () => {
    const { mail } = someEvidence();
    const later = mail.map((one) => (one.key === 'a' ? { ...one, at: BEGAN + 60_000 } : one));
    const effects = [anEffect('a', { at: BEGAN + 130_000 }), anEffect('c')];
    const held = [...effects, anEffect('b', { at: BEGAN + 100_000 })];
    expect(brokenIn({ mail: later, effects: held })).toEqual([]);
    const prompt = [...effects, anEffect('b')];
    expect(brokenIn({ mail: later, effects: prompt })).toEqual(['I4: a after 70.0 s']);
  });

  test('that ended as a fault of the run says, or was deleted by its owner, is explained', () => {
    const effects = without('a');
    const dead = new Map([['a', { state: 'dead', reason: 'too_large' }]]);
    const letter = { key: 'a', queue: 'outbound', reason: 'too large', createdAt: 1, failedAt: 2 };
    const gone = new Map([['a', { state: 'skipped', reason: 'source_deleted' }]]);
    expect(
      brokenIn({ effects, fates: dead, letters: [letter], excused: new Set(['dead:too_large']) }),
    ).toEqual([]);
    expect(brokenIn({ effects, fates: gone, deleted: new Set(['a']) })).toEqual([]);
  });
});

describe('a dead letter', () => {
  const effects = without('a');
  const excused = new Set(['dead:too_large', 'dead:no reason']);
  const fate = (reason: string) => new Map([['a', { state: 'dead', reason }]]);
  const letter = { key: 'a', queue: 'outbound', reason: 'too large', createdAt: 1, failedAt: 2 };
  test.each<[string, Partial<Evidence>, string]>([
    [
      'without a reason',
      { effects, excused, fates: fate('too_large'), letters: [{ ...letter, reason: '' }] },
      'I5: a on outbound: without a reason',
    ],
    [
      'of which the ledger has no reason',
      { effects, excused, fates: fate(''), letters: [letter] },
      'I5: a: dead in the ledger without a reason',
    ],
    [
      'that is not there',
      { effects, excused, fates: fate('too_large') },
      'I5: a: dead in the ledger without a letter',
    ],
    [
      'of a message that is in MS4',
      { letters: [letter] },
      'I5: a on outbound (too large): is in MS4 as well',
    ],
  ])('%s', (_, over, expected) => {
    expect(brokenIn(over)).toEqual([expected]);
  });
});

describe('a service', () => {
  const arrivals = Array.from({ length: 12 }, (_, index) => ({
    at: BEGAN + index * 80,
    monotonicMs: index * 80,
    key: `batch-${index}`,
  }));

  test('MS4 that is asked too often, and a burst that a line held back', () => {
    expect(brokenIn({ arrivals })).toEqual(['I7: 12 requests in 1 s from batch-0 on']);
    expect(brokenIn({ arrivals, linesTouched: new Set(['ms4']) })).toEqual([]);
  });

  test('MS4 that is called while the breaker is open', () => {
    const open = { ...watched, redis: [{ ...sample, at: BEGAN, openUntil: BEGAN + 10_000 }] };
    const late = [{ at: BEGAN + 5_000, monotonicMs: 5_000, key: 'batch-9' }];
    expect(brokenIn({ watched: open, arrivals: late })).toEqual([
      'I8: batch batch-9 at 2026-11-30T08:00:05.000Z',
    ]);
  });

  test('Graph that is asked too often, or for a mailbox of others', () => {
    const used = (mailboxId: string, inFlightMax: number, requests: number) => ({
      mailboxId,
      inFlightMax,
      refused: { inFlight: 0, requests },
      quotaUnits: 1,
    });
    expect(brokenIn({ usage: [used('one', 5, 0)] })).toEqual([
      'I9: one: 5 in flight, 0 beyond 10000 in 10 min',
    ]);
    expect(brokenIn({ usage: [used('one', 2, 7)] })).toEqual([
      'I9: one: 2 in flight, 7 beyond 10000 in 10 min',
    ]);
    expect(brokenIn({ usage: [used('outsider', 1, 0)] })).toEqual(['I17: outsider']);
  });

  test('a webhook that answers late', () => {
    const [answer] = someEvidence().door;
    if (!answer) throw new Error('no answer');
    expect(brokenIn({ door: [{ ...answer, tookMs: 3_100 }] })).toEqual([
      'I10: 202 after 3100 ms at 2026-11-30T08:00:00.000Z',
    ]);
  });
});

describe('a process', () => {
  const [process] = watched.processes;
  if (!process) throw new Error('no process');

  test('that takes too much, or is not ready at the end', () => {
    const big = { ...process, facts: { rssMb: 700, fds: 30 } };
    expect(brokenIn({ watched: { ...watched, processes: [big] } })).toEqual([
      'I11: poller-1: 700 MB',
    ]);
    expect(
      brokenIn({ watched: { ...watched, processes: [{ ...process, ready: false }] } }),
    ).toEqual(['I15: poller-1 is not ready at the end']);
  });

  test('Redis that keeps more than its messages need, few or many of them', () => {
    const filled = (held: number, bytes: number) => ({
      ...watched,
      redis: [sample, { ...sample, at: BEGAN + 60_000, held, usedBytes: 2_000_000 + bytes }],
    });
    // Three messages came; an empty fleet's own 2 MB are no message's, and 500 on the queues take 4 KB each.
    expect(brokenIn({ watched: filled(1, 2_000_000) })).toEqual([]);
    expect(brokenIn({ watched: filled(500, 4_000_000) })).toEqual([]);
    expect(brokenIn({ watched: filled(1, 4_000_000) })).toEqual([
      'I11: Redis 3.8 MB of 2.0, 1 of 3 messages on the queues',
    ]);
    expect(brokenIn({ watched: filled(500, 5_000_000) })).toEqual([
      'I11: Redis 4.8 MB of 4.0, 500 of 3 messages on the queues',
    ]);
  });

  test('that says it is ready while nothing moves', () => {
    const looks = Array.from({ length: 20 }, (_, index) => BEGAN + index * 2_000);
    const silent = {
      ...watched,
      processes: looks.map((at) => ({ ...process, at })),
      redis: looks.map((at) => ({ ...sample, at, waiting: 5, held: 5 })),
      stored: looks.map((at) => ({ at, count: 3 })),
    };
    expect(brokenIn({ watched: silent })).toEqual([
      expect.stringMatching(/^I15: all ready from .* on, and nothing moved$/),
    ]);
  });

  test('that writes a cursor after a later walker', () => {
    const at = (fence: number, life = 'one') => ({
      ...sample,
      life,
      cursors: [{ folder: 'inbox', fence, link: `link-${fence}` }],
    });
    expect(brokenIn({ watched: { ...watched, redis: [at(5), at(4)] } })).toEqual([
      'I13: inbox: fence 4 after 5',
    ]);
    // Redis itself has gone back.
    expect(brokenIn({ watched: { ...watched, redis: [at(5), at(4, 'two')] } })).toEqual([]);
  });

  test('that tells of mail or of a secret', () => {
    const outputs = [{ name: 'poller-1', text: 'read "Invoice canary0123"', isRedis: false }];
    expect(brokenIn({ outputs })).toEqual(['I16: the subject of a mail in poller-1']);
    const aof = [{ name: 'redis appendonly.aof', text: 'canary0123', isRedis: true }];
    expect(brokenIn({ outputs: aof })).toEqual([
      'I16: the subject of a mail in redis appendonly.aof',
    ]);
    const kept = [{ what: 'the secret of a subscription', text: 'canary0123', everywhere: false }];
    expect(brokenIn({ outputs: aof, canaries: kept })).toEqual([]);
  });

  test('that tries a message more often than it may', () => {
    const burnt = [{ at: BEGAN, key: 'a on outbound', made: 9, max: 8 }];
    expect(brokenIn({ watched: { ...watched, burnt } })).toEqual([
      'I18: a on outbound: attempt 9 of 8',
    ]);
  });
});

test('counts that are not those of the auditor', () => {
  const told = { status: 'finished' as const, counts: {} as never };
  expect(brokenIn({ told, totals: { delivered: 4 } })).toEqual([
    'I15: the ledger counts 4 delivered, MS4 has 3',
  ]);
  expect(brokenIn({ told: { ...told, status: 'incomplete' } })).toEqual([
    'I15: the session is incomplete',
  ]);
});
