import { describe, expect, test } from '@jest/globals';
import { jobIdOf } from '@ms1/contracts';
import { type EncodedBatch, Ms4AuthError, Ms4ThrottledError, type Verdict } from '@ms1/ms4-client';

import { aPayload } from '../test/a-payload.ts';
import { createDeliverBatch, type DeliveryChange } from './deliver-batch.ts';
import { createLearntSize } from './learnt-size.ts';
import type { DeliveryEntry } from './take-records.ts';

const KEYS = Array.from({ length: 100 }, (_, n) => aPayload(n).record.id);

/** A job that remembers the first thing decided about it. */
class Entry implements DeliveryEntry {
  end = 'undecided';
  lost = false;
  readonly data: unknown;
  readonly job;

  constructor(data: unknown, id: string, attemptsMade = 0) {
    this.data = data;
    this.job = { id, attemptsMade, opts: { attempts: 3 } };
  }

  complete = () => this.#decide('completed');
  fail = (error: Error) => this.#decide(`${error.name}: ${error.message}`);
  delay = (ms: number) => this.#decide(`delayed ${ms}`);
  release = () => this.#decide('released');

  #decide(end: string) {
    if (this.end === 'undecided') this.end = end;
  }
}

function setup(
  options: {
    count?: number;
    bytesMax?: number;
    answer?: (id: string) => Verdict;
    fails?: Error;
    ledgerFails?: boolean;
  } = {},
) {
  const { count = 3, bytesMax = 1_000_000, answer = () => ({ status: 'stored' }) } = options;
  const events: string[] = [];
  const changes: DeliveryChange[] = [];
  const batches: EncodedBatch[] = [];
  const deliver = createDeliverBatch({
    ms4: {
      async storeBatch(batch) {
        if (options.fails) throw options.fails;
        batches.push(batch);
        events.push('answered');
        return new Map(batch.items.map(({ id }) => [id, answer(id)]));
      },
      openForMs: () => 0,
    },
    ledger: {
      async record(some) {
        if (options.ledgerFails) throw new Error('OOM');
        events.push(
          `recorded with ${entries.filter(({ end }) => end !== 'undecided').length} ended`,
        );
        changes.push(...some);
      },
    },
    size: createLearntSize(bytesMax, { now: () => 0 }),
    clock: { now: () => 1_000 },
  });
  const entries = KEYS.slice(0, count).map((key, n) => new Entry(aPayload(n), jobIdOf(key)));
  let limitMs = 0;
  const run = (list: Entry[] = entries) =>
    deliver(
      {
        entries: list,
        rateLimit(ms) {
          limitMs = ms;
          for (const entry of list) entry.release();
        },
      },
      new AbortController().signal,
    );
  const ends = () => entries.map(({ end }) => end);
  return { run, entries, events, changes, batches, ends, limitMs: () => limitMs };
}

describe('deliverBatch', () => {
  test('one request; the ledger hears of the verdicts after MS4 and before any job ends', async () => {
    const { run, events, ends, changes, batches } = setup();
    await run();
    expect(events).toEqual(['answered', 'recorded with 0 ended']);
    expect(ends()).toEqual(['completed', 'completed', 'completed']);
    expect(changes[0]).toEqual({
      key: KEYS[0],
      state: 'delivered',
      at: 1_000,
      sessionId: null,
      receivedAt: Date.UTC(2026, 2, 1, 10),
      receipt: `${batches[0]?.batchId}:stored`,
    });
  });

  test('each job ends by its own verdict', async () => {
    const verdicts: Verdict[] = [
      { status: 'duplicate' },
      { status: 'rejected', code: 'bad_subject' },
      { status: 'retry' },
    ];
    const { run, ends, changes } = setup({
      answer: (id) => verdicts[KEYS.indexOf(id)] ?? { status: 'retry' },
    });
    await run();
    expect(ends()).toEqual(['completed', 'DeadLetterError: bad_subject', 'Error: retry_verdict']);
    expect(changes.map(({ state, reason }) => [state, reason])).toEqual([
      ['delivered', undefined],
      ['dead', 'bad_subject'],
    ]);
  });

  test('the last attempt of a retry is a dead letter with its reason', async () => {
    const { run, changes } = setup({ answer: () => ({ status: 'retry' }) });
    await run([new Entry(aPayload(0), jobIdOf(KEYS[0] ?? ''), 2)]);
    expect(changes).toMatchObject([{ state: 'dead', reason: 'attempts_exhausted' }]);
  });

  test('a payload that does not parse is a dead letter, one from the future waits, the rest goes out', async () => {
    const { run, changes, batches } = setup();
    const list = [
      new Entry({}, jobIdOf(KEYS[7] ?? '')),
      new Entry({ v: 2, later: true }, jobIdOf(KEYS[8] ?? '')),
      new Entry(aPayload(9), jobIdOf(KEYS[9] ?? '')),
    ];
    await run(list);
    expect(list.map(({ end }) => end)).toEqual([
      'DeadLetterError: payload_invalid',
      'delayed 60000',
      'completed',
    ]);
    expect(changes[0]).toMatchObject({ key: KEYS[7], state: 'dead', reason: 'payload_invalid' });
    expect(batches[0]?.items).toHaveLength(1);
  });

  test('fills the request up to its bytes and puts the rest back in front', async () => {
    const { run, ends, batches } = setup({ count: 50, bytesMax: 10_000 });
    await run();
    const [batch] = batches;
    const sent = batch?.items.length ?? 0;
    expect(batch?.body.length).toBeLessThanOrEqual(10_000);
    expect(batch?.body.length).toBeGreaterThan(9_000);
    expect(ends()).toEqual([
      ...Array.from({ length: sent }, () => 'completed'),
      ...Array.from({ length: 50 - sent }, () => 'released'),
    ]);
  });

  test('does not send what another worker has taken over', async () => {
    const { run, entries, batches, ends } = setup();
    if (entries[1]) entries[1].lost = true;
    await run();
    expect(batches[0]?.items).toHaveLength(2);
    expect(ends()[1]).toBe('undecided');
  });

  test('a fault of MS4 closes the queue for everybody and ends no job', async () => {
    const { run, ends, limitMs, changes } = setup({ fails: new Ms4ThrottledError(429, 7_000) });
    expect(await run()).toMatchObject({ strained: true, pauseMs: 7_000 });
    expect(limitMs()).toBe(7_000);
    expect(ends()).toEqual(['released', 'released', 'released']);
    expect(changes).toEqual([]);
  });

  test('refused credentials end no job either, and leave the queue open for others', async () => {
    const { run, ends, limitMs, changes } = setup({ fails: new Ms4AuthError(401) });
    expect((await run()).pausedBy).toBeInstanceOf(Ms4AuthError);
    expect(limitMs()).toBe(0);
    expect(ends()).toEqual(['released', 'released', 'released']);
    expect(changes).toEqual([]);
  });

  test('when the ledger cannot be written no job ends: MS4 will say duplicate', async () => {
    const { run, ends } = setup({ ledgerFails: true });
    await run();
    expect(ends()).toEqual(['released', 'released', 'released']);
  });
});

describe('learnt size', () => {
  test('a 413 halves the size for ten minutes, and no longer', () => {
    const clock = { ms: 0, now: () => clock.ms };
    const size = createLearntSize(1_000, clock);
    size.tooLarge(900);
    expect(size.bytesMax()).toBe(450);
    size.tooLarge(2_000);
    expect(size.bytesMax()).toBe(450);
    clock.ms = 600_001;
    expect(size.bytesMax()).toBe(1_000);
  });
});
