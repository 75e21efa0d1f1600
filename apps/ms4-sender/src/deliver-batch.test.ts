import { describe, expect, test } from '@jest/globals';
import { IngestMessage, jobIdOf, type LedgerChange } from '@ms1/contracts';
import {
  type EncodedBatch,
  Ms4AuthError,
  Ms4RefusedError,
  Ms4ThrottledError,
  Ms4UnavailableError,
  type Verdict,
} from '@ms1/ms4-client';
import { strippedPayload } from '@ms1/queue';
import { aDelivery } from '@ms1/testkit';

import { createDeliverBatch } from './deliver-batch.ts';
import type { Evidence } from './judge-suspect.ts';
import { LearntSize } from './learnt-size.ts';
import { createReadAgain } from './read-again.ts';
import { SuspectWatch } from './suspect-watch.ts';
import type { DeliveryEntry } from './take-records.ts';

const KEYS = Array.from({ length: 100 }, (_, n) => aDelivery(n).record.id);

const UNHEARD = '4f1a7b0e-0000-4000-8000-000000000009';

/** A job that remembers the first thing decided about it. */
class Entry implements DeliveryEntry {
  end = 'undecided';
  lost = false;
  data: unknown;
  readonly job;

  constructor(data: unknown, id: string, attemptsMade = 0) {
    this.data = data;
    this.job = {
      id,
      attemptsMade,
      opts: { attempts: 3 },
      timestamp: 0,
      updateData: async (changed: unknown) => {
        this.data = JSON.parse(JSON.stringify(changed));
      },
    };
  }

  complete = () => this.#decide('completed');
  fail = (error: Error) => this.#decide(`${error.name}: ${error.message}`);
  delay = (ms: number) => this.#decide(`delayed ${ms}`);
  nack = () => this.#decide('nacked');

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
    /** what happens to a request with these records */
    refuse?: (ids: string[]) => Error | null;
    /** null: MS4 does not say */
    acceptsCredentials?: boolean | null;
    evidence?: Evidence;
    ledgerFails?: boolean;
  } = {},
) {
  const { count = 3, bytesMax = 1_000_000, answer = () => ({ status: 'stored' }) } = options;
  const events: string[] = [];
  const changes: LedgerChange[] = [];
  const batches: EncodedBatch[] = [];
  const watch = new SuspectWatch({ now: () => 1_000 });
  const readAgain: string[] = [];
  const deliver = createDeliverBatch({
    readAgain: createReadAgain({
      tenantOf: async (mailboxId) => (mailboxId === UNHEARD ? undefined : 'tenant'),
      handOver: (_, data, jobId) => readAgain.push(`${jobId} ${JSON.stringify(data)}`),
    }),
    ms4: {
      async storeBatch(batch) {
        if (options.fails) throw options.fails;
        const refused = options.refuse?.(batch.items.map(({ id }) => id));
        if (refused) throw refused;
        batches.push(batch);
        events.push('answered');
        return new Map(batch.items.map(({ id }) => [id, answer(id)]));
      },
      openForMs: () => null,
      acceptsCredentials: async () =>
        options.acceptsCredentials === undefined ? false : options.acceptsCredentials,
    },
    evidence: async () => options.evidence ?? { now: 1_000, deliveredAt: 0 },
    watch,
    ledger: {
      async record(some) {
        if (options.ledgerFails) throw new Error('OOM');
        events.push(
          `recorded with ${entries.filter(({ end }) => end !== 'undecided').length} ended`,
        );
        changes.push(...some);
      },
    },
    size: new LearntSize(bytesMax, { now: () => 0 }),
    clock: { now: () => 1_000 },
  });
  const entries = KEYS.slice(0, count).map((key, n) => new Entry(aDelivery(n), jobIdOf(key)));
  let limitMs = 0;
  const run = (list: Entry[] = entries) =>
    deliver(
      {
        entries: list,
        rateLimit(ms) {
          limitMs = ms;
          for (const entry of list) entry.nack();
        },
      },
      new AbortController().signal,
    );
  const ends = () => entries.map(({ end }) => end);
  return { run, entries, events, changes, batches, ends, readAgain, watch, limitMs: () => limitMs };
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
    await run([new Entry(aDelivery(0), jobIdOf(KEYS[0] ?? ''), 2)]);
    expect(changes).toMatchObject([{ state: 'dead', reason: 'attempts_exhausted' }]);
  });

  test('a payload that does not parse is a dead letter, one from the future waits, the rest goes out', async () => {
    const { run, changes, batches } = setup();
    const list = [
      new Entry({ v: 1 }, jobIdOf(KEYS[7] ?? '')),
      new Entry({ v: 2, later: true }, jobIdOf(KEYS[8] ?? '')),
      new Entry(aDelivery(9), jobIdOf(KEYS[9] ?? '')),
      new Entry({}, jobIdOf(KEYS[6] ?? '')),
    ];
    await run(list);
    expect(list.map(({ end }) => end)).toEqual([
      'DeadLetterError: payload_invalid',
      'delayed 60000',
      'completed',
      'completed',
    ]);
    expect(changes[0]).toMatchObject({ key: KEYS[7], state: 'dead', reason: 'payload_invalid' });
    // Redis lost its data: an audit puts the message back.
    expect(changes.map(({ key }) => key)).not.toContain(KEYS[6]);
    expect(batches[0]?.items).toHaveLength(1);
  });

  test('what personal data was taken out of is read from its mailbox again; of an unknown one it is a dead letter', async () => {
    const { run, changes, batches, readAgain } = setup();
    const stripped = (n: number, changed: Parameters<typeof aDelivery>[1] = {}) => {
      const data = strippedPayload('outbound', aDelivery(n, changed));
      return new Entry(data, jobIdOf(KEYS[n] ?? ''));
    };
    const list = [stripped(1), stripped(2, { mailbox: UNHEARD }), stripped(3, { messageId: 'x' })];
    const report = await run([...list, new Entry(aDelivery(4), jobIdOf(KEYS[4] ?? ''))]);
    const dead = 'DeadLetterError: mailbox_unknown';
    expect(list.map(({ end }) => end)).toEqual(['completed', dead, dead]);
    expect(report).toMatchObject({ readAgain: 1, dead: 2, stored: 1 });
    expect(changes.map(({ key, reason }) => [key, reason])).toEqual([
      [KEYS[4], undefined],
      [KEYS[2], 'mailbox_unknown'],
      [KEYS[3], 'mailbox_unknown'],
    ]);
    const { messageId, mailbox: mailboxId, ingestedAt: noticedAt } = aDelivery(1).record;
    const message = { v: 1, tenantId: 'tenant', mailboxId, messageId, source: 'poll' };
    const again = { ...message, sessionId: null, noticedAt };
    expect(readAgain).toEqual([expect.stringContaining(`${jobIdOf(KEYS[1] ?? '')} {`)]);
    const data = JSON.parse(readAgain[0]?.split(' ').slice(1).join(' ') ?? '');
    expect(IngestMessage.parse(data)).toEqual(again);
    expect(batches[0]?.items).toHaveLength(1);
  });

  test('what personal data was taken out of stays bare while MS4 is away', async () => {
    const { run, readAgain } = setup({ fails: new Ms4UnavailableError(503) });
    const bare = new Entry(strippedPayload('outbound', aDelivery(1)), jobIdOf(KEYS[1] ?? ''));
    await run([bare, new Entry(aDelivery(2), jobIdOf(KEYS[2] ?? ''))]);
    expect([bare.end, readAgain]).toEqual(['nacked', []]);
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
      ...Array.from({ length: 50 - sent }, () => 'nacked'),
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
    expect(ends()).toEqual(['nacked', 'nacked', 'nacked']);
    expect(changes).toEqual([]);
  });

  test('refused credentials end no job either, and leave the queue open for others', async () => {
    const { run, ends, limitMs, changes } = setup({ fails: new Ms4AuthError(401) });
    expect((await run()).pausedBy).toBeInstanceOf(Ms4AuthError);
    expect(limitMs()).toBe(0);
    expect(ends()).toEqual(['nacked', 'nacked', 'nacked']);
    expect(changes).toEqual([]);
  });

  test('when the ledger cannot be written no job ends: MS4 will say duplicate', async () => {
    const { run, ends } = setup({ ledgerFails: true });
    await run();
    expect(ends()).toEqual(['nacked', 'nacked', 'nacked']);
  });
});

describe('a record that MS4 fails on', () => {
  const [bad = ''] = KEYS;
  const failed = (ids: string[]) => (ids.includes(bad) ? new Ms4UnavailableError(500) : null);

  test('is set aside with what is known of it; its neighbours are delivered', async () => {
    const { run, ends, entries, limitMs, watch } = setup({ refuse: failed });
    expect(await run()).toMatchObject({ stored: 2, suspects: 1, nacked: 0, pausedBy: null });
    expect(ends()).toEqual(['delayed 2000', 'completed', 'completed']);
    expect(entries[0]?.data).toMatchObject({
      record: { id: bad },
      suspicion: { since: 1_000, failedAt: 1_000, tries: 1, counted: 1 },
    });
    expect(watch.list()).toEqual([{ key: bad, code: 'ms4_500', since: 1_000 }]);
    expect(limitMs()).toBe(0);
  });

  test('alone, nothing is held against it, and nobody else is held up', async () => {
    const { run, ends, entries, limitMs } = setup({ count: 1, refuse: failed });
    await run();
    expect(ends()).toEqual(['delayed 2000']);
    expect(entries[0]?.data).toMatchObject({ suspicion: { tries: 1, counted: 0 } });
    expect(limitMs()).toBe(0);
  });

  const suspicion = { since: 100, failedAt: 900, tries: 6, counted: 4 };
  const suspected = () => new Entry({ ...aDelivery(0), suspicion }, jobIdOf(bad));

  test('as a suspect goes last and alone, and is a dead letter once others were delivered often enough', async () => {
    const { run, batches, changes, entries, watch } = setup({
      refuse: failed,
      evidence: { now: 1_000, deliveredAt: 950 },
    });
    const suspect = suspected();
    watch.saw({ key: bad, code: 'ms4_500', since: 100 });
    await run([suspect, ...entries.slice(1)]);
    expect(batches.map(({ items }) => items.map(({ id }) => id))).toEqual([KEYS.slice(1, 3)]);
    expect(suspect.end).toBe('DeadLetterError: ms4_500');
    expect(changes.at(-1)).toMatchObject({ key: bad, state: 'dead', reason: 'ms4_500' });
    // Replayed, it begins again.
    expect(suspect.data).toEqual(aDelivery(0));
    expect(watch.list()).toEqual([]);
  });

  test('is not found guilty by an MS4 that fails for all, nor by other senders whose credentials are good', async () => {
    const down = setup({ fails: new Ms4UnavailableError(503) });
    const suspect = suspected();
    await down.run([suspect]);
    expect(suspect.end).toBe('delayed 30000');
    expect(suspect.data).toMatchObject({ suspicion: { tries: 7, counted: 4 } });

    const foreign = setup({
      fails: new Ms4AuthError(403),
      acceptsCredentials: true,
      evidence: { now: 1_000, deliveredAt: 950 },
    });
    const other = suspected();
    await foreign.run([other]);
    expect(other.data).toMatchObject({ suspicion: { counted: 4 } });
  });

  test.each([401, 403])(
    'with %i is the one at fault where MS4 took others a moment ago and says nothing else',
    async (status) => {
      const others = setup({
        count: 2,
        acceptsCredentials: null,
        refuse: (ids) => (ids.includes(bad) ? new Ms4AuthError(status) : null),
      });
      const before = await others.run([others.entries[0] as Entry]);
      expect(before.pausedBy).toBeInstanceOf(Ms4AuthError);
      await others.run(others.entries.slice(1));
      const after = await others.run([new Entry(aDelivery(0), jobIdOf(bad))]);
      expect(after).toMatchObject({ pausedBy: null, suspects: 1 });
    },
  );

  test('in silence is compared with a record that MS4 has', async () => {
    const { run, entries, batches } = setup({ refuse: failed, count: 2 });
    await run(entries.slice(1));
    const suspect = suspected();
    await run([suspect]);
    expect(suspect.end).toBe('DeadLetterError: ms4_500');
    const [first, control] = batches;
    expect(control?.items[0]?.id).toBe(KEYS[1]);
    expect(control?.batchId).not.toBe(first?.batchId);
  });

  test('that is refused alone is a dead letter only once MS4 has taken others', async () => {
    const refuse = (ids: string[]) => (ids.includes(bad) ? new Ms4RefusedError(400, []) : null);
    const first = setup({ count: 1, refuse });
    await first.run();
    const [entry] = first.entries;
    expect(entry?.end).toBe('delayed 2000');
    const again = async (deliveredAt: number) => {
      const suspect = new Entry(entry?.data, jobIdOf(bad));
      await setup({ refuse, evidence: { now: 3_000, deliveredAt } }).run([suspect]);
      return suspect.end;
    };
    expect(await again(900)).toBe('delayed 5000');
    expect(await again(1_100)).toBe('DeadLetterError: ms4_400');
  });

  test('for which MS4 asks to wait each time is found by halving, and the others go on', async () => {
    const wait = (ids: string[]) => (ids.includes(bad) ? new Ms4ThrottledError(429, 5_000) : null);
    const { run, entries, changes } = setup({ count: 20, refuse: wait });
    let left = entries;
    let pauses = 0;
    while (left.length > 0) {
      if ((await run(left)).pausedBy) pauses += 1;
      if (left.some(({ end }) => end === 'delayed 2000')) break;
      left = left
        .filter(({ end }) => end === 'nacked')
        .map(({ data, job }) => new Entry(data, job.id));
      expect(pauses).toBeLessThan(40);
    }
    expect(changes.filter(({ state }) => state === 'delivered')).toHaveLength(19);
    expect(left.map(({ job }) => job.id)).toContain(jobIdOf(bad));
  });

  test('for which MS4 asks to wait is a dead letter by records that MS4 has, and by nothing else', async () => {
    const evidence = { now: 1_000, deliveredAt: 950 };
    const refuse = (ids: string[]) =>
      ids.includes(bad) ? new Ms4ThrottledError(429, 5_000) : null;
    const guilty = setup({ count: 2, refuse, evidence });
    await guilty.run(guilty.entries.slice(1));
    const suspect = suspected();
    await guilty.run([suspect]);
    expect(suspect.end).toBe('DeadLetterError: ms4_429');

    const busy = setup({ count: 2, evidence, fails: new Ms4ThrottledError(429, 5_000) });
    const other = suspected();
    await busy.run([other]);
    expect(other.data).toMatchObject({ suspicion: { counted: 4 } });
  });

  test('that MS4 takes after all is delivered', async () => {
    const { run, watch } = setup();
    const suspect = suspected();
    watch.saw({ key: bad, code: 'ms4_500', since: 100 });
    await run([suspect]);
    expect(suspect.end).toBe('completed');
    expect(watch.list()).toEqual([]);
  });

  test('never goes back to the front: while MS4 is paused it is set aside', async () => {
    const { run, entries, ends } = setup({ fails: new Ms4ThrottledError(429, 7_000) });
    const suspect = suspected();
    await run([suspect, ...entries.slice(1)]);
    expect(suspect.end).toBe('delayed 30000');
    expect(ends().slice(1)).toEqual(['nacked', 'nacked']);
  });
});

describe('learnt size', () => {
  test('a 413 halves the size for ten minutes, and no longer', () => {
    const clock = { ms: 0, now: () => clock.ms };
    const size = new LearntSize(1_000, clock);
    size.tooLarge(900);
    expect(size.bytesMax()).toBe(450);
    size.tooLarge(2_000);
    expect(size.bytesMax()).toBe(450);
    clock.ms = 600_001;
    expect(size.bytesMax()).toBe(1_000);
  });
});
