import { describe, expect, test } from '@jest/globals';
import {
  DeliverRecord,
  type IngestMessage,
  jobIdOf,
  type LedgerChange,
  type MailboxState,
  type MessageRules,
  messageKey,
} from '@ms1/contracts';
import {
  GraphAuthError,
  type GraphError,
  GraphForbiddenError,
  GraphItemNotFoundError,
  GraphRequestError,
  GraphThrottledError,
  GraphTransientError,
} from '@ms1/graph-client';
import { PayloadSealer } from '@ms1/queue';
import { aMessage, aMetadata } from '@ms1/testkit';

import type { HydrateOptions } from './hydrate.ts';
import type { PrepareEntry } from './preparation.ts';
import { createPrepareBatch } from './prepare-batch.ts';
import type { Mail } from './reading/mail.ts';

/** A job that remembers the first thing decided about it. */
class Entry implements PrepareEntry {
  end = 'undecided';
  lost = false;
  failure: Error | undefined;
  readonly data: unknown;
  readonly job;

  constructor(data: unknown, id: string, attemptsMade = 0, lifo = false) {
    this.data = data;
    this.job = { id, attemptsMade, data, opts: { attempts: 3, lifo } };
  }

  readonly handed: { jobId: string; attachments: number; kind: unknown; ended: string }[] = [];

  enqueue: PrepareEntry['enqueue'] = (_queue, _name, data, { jobId }) => {
    const { record } = DeliverRecord.parse(data);
    this.handed.push({
      jobId,
      attachments: record.attachments.length,
      kind: record.kind,
      ended: this.end,
    });
  };
  complete = () => this.decide('completed');
  fail = (error: Error, options?: { delay?: number }) => {
    this.failure = error;
    this.decide(`${error.name} ${options?.delay ?? 'backoff'}`);
  };
  delay = (ms: number) => this.decide(`delayed ${ms}`);

  decide(end: string) {
    if (this.end === 'undecided') this.end = end;
  }
}

const entryOf = (message: IngestMessage, attemptsMade = 0, lifo = false) =>
  new Entry(message, jobIdOf(messageKey(message)), attemptsMade, lifo);

function setup(
  options: {
    /** by message id */
    errors?: Record<string, GraphError>;
    withFiles?: string[];
    ledgerFails?: boolean;
    /** what reading waits for, by message id */
    slow?: Record<string, Promise<void>>;
    /** by message key */
    refusedForMs?: Record<string, number>;
    rules?: MessageRules;
    /** of every mailbox; null: it was never heard of */
    state?: MailboxState | null;
  } = {},
) {
  const asked: string[] = [];
  const changes: LedgerChange[] = [];
  const failures: Error[] = [];
  const noted: string[] = [];
  const priorities: string[] = [];
  const parked: [string, readonly string[]][] = [];
  const indexed: string[] = [];
  const handed: Entry['handed'] = [];
  const reader: HydrateOptions['reader'] = {
    async read(refs) {
      priorities.push(...refs.map(({ priority }) => priority));
      asked.push(...refs.map(({ messageId }) => messageId));
      for (const { messageId } of refs) await options.slow?.[messageId];
      return refs.map(({ messageId, metadata }) => {
        const error = options.errors?.[messageId];
        if (error) return { ok: false, error };
        const hasFiles = options.withFiles?.includes(messageId) ?? false;
        const value: Mail = {
          metadata: metadata ?? aMetadata(),
          attachments: hasFiles ? [{ id: 'a1', name: 'i.pdf', kind: 'file', size: 50_000 }] : [],
        };
        return { ok: true, value };
      });
    },
  };
  const prepare = createPrepareBatch({
    reader,
    ...(options.rules && { rulesOf: () => options.rules ?? {} }),
    stateOf: () => (options.state === undefined ? 'active' : (options.state ?? undefined)),
    ledger: {
      async record(some) {
        if (options.ledgerFails) throw new Error('OOM');
        changes.push(...some);
      },
    },
    refusals: {
      note: async (refused) => {
        noted.push(...refused.map(({ kind }) => kind));
        return refused.map(({ key }) => options.refusedForMs?.[key] ?? 0);
      },
      park: async (mailboxId, jobIds) => void parked.push([mailboxId, jobIds]),
    },
    payloads: new PayloadSealer(),
    index: async (records, ended) => {
      indexed.push(...records.map(() => 'record'));
      indexed.push(...ended.map(({ isSkipped }) => (isSkipped ? 'skipped' : 'dead')));
    },
    // Nothing is added here: each entry notes what it is given.
    outbound: [{} as never],
    clock: { now: () => Date.parse('2026-03-01T10:01:00Z') },
    random: () => 0,
  });
  let limitMs = 0;
  const flushed: string[][] = [];
  const run = async (entries: Entry[]) => {
    const report = await prepare(
      {
        entries,
        rateLimit(ms) {
          limitMs = ms;
          for (const entry of entries) entry.decide('nacked');
        },
        flush: async () => void flushed.push(entries.map(({ end }) => end)),
      },
      new AbortController().signal,
    );
    handed.push(...entries.flatMap((entry) => entry.handed));
    failures.push(...entries.flatMap(({ failure }) => failure ?? []));
    return { report, ends: entries.map(({ end }) => end), limitMs };
  };
  return { run, asked, changes, handed, failures, noted, priorities, parked, flushed, indexed };
}

const id = (n: number) => aMessage(n).messageId;

describe('prepareBatch', () => {
  test('has what its mailbox refuses woken, when it waits long and the mailbox may be well before', async () => {
    const forbidden = new GraphForbiddenError('', { status: 403 });
    const gone = new GraphItemNotFoundError('', { status: 404 });
    const messages = [1, 2, 3, 4].map((n) => aMessage(n, { mailboxId: n === 4 ? 'other' : 'one' }));
    const refusedForMs = Object.fromEntries(
      messages.map((message, index) => [messageKey(message), index === 0 ? 9_999 : 7_200_000]),
    );
    const errors = { [id(1)]: forbidden, [id(2)]: forbidden, [id(3)]: gone, [id(4)]: forbidden };
    const { run, parked } = setup({ errors, refusedForMs });
    const { ends } = await run(messages.map((message) => entryOf(message)));
    expect(ends).toEqual(['delayed 9999', 'delayed 600000', 'completed', 'delayed 600000']);
    const jobIds = messages.map((message) => jobIdOf(messageKey(message)));
    expect(parked).toEqual([
      ['one', [jobIds[1]]],
      ['other', [jobIds[3]]],
    ]);
  });

  test('ends what went first on the queue while a mailbox that floods is still being read', async () => {
    const flood = Promise.withResolvers<void>();
    const { run, flushed } = setup({ slow: { [id(1)]: flood.promise, [id(3)]: flood.promise } });
    const entries = [1, 2, 3].map((n) => entryOf(aMessage(n), 0, n === 2));
    const all = run(entries);
    while (flushed.length === 0) await new Promise(setImmediate);
    flood.resolve();
    const { report, ends } = await all;
    expect(flushed).toEqual([['undecided', 'completed', 'undecided']]);
    expect(ends).toEqual(['completed', 'completed', 'completed']);
    expect(report).toMatchObject({ messages: 3, prepared: 3 });
  });

  test('asks for the files of each message, whatever Graph says of its having any', async () => {
    const { run, asked, handed } = setup({ withFiles: [id(1), id(2)] });
    await run([
      entryOf(aMessage(1, { metadata: aMetadata() })),
      entryOf(aMessage(2)),
      entryOf(aMessage(3, { metadata: aMetadata({ hasAttachments: true }) })),
    ]);
    expect(asked).toEqual([id(1), id(2), id(3)]);
    expect(handed.map(({ attachments }) => attachments)).toEqual([1, 1, 0]);
  });

  test('hands each over under its deterministic id before its job is completed', async () => {
    const { run, handed, changes } = setup();
    const { ends } = await run([entryOf(aMessage(1)), entryOf(aMessage(2))]);
    expect(handed.map(({ jobId }) => jobId)).toEqual(
      [1, 2].map((n) => jobIdOf(messageKey(aMessage(n)))),
    );
    expect(handed.every(({ ended }) => ended === 'undecided')).toBe(true);
    expect(ends).toEqual(['completed', 'completed']);
    // "prepared" is told when the completion is in Redis, not here.
    expect(changes).toEqual([]);
  });

  test('skips what is queued of a removed mailbox, also what needs no reading, and reads nothing of it', async () => {
    const { run, asked, handed, changes } = setup({ state: 'removed' });
    const whole = aMessage(1, { metadata: aMetadata() });
    const { ends, report } = await run([entryOf(whole), entryOf(aMessage(2))]);
    expect(ends).toEqual(['completed', 'completed']);
    expect(report).toMatchObject({ skipped: 2, prepared: 0 });
    expect(changes.map(({ state, reason }) => [state, reason])).toEqual([
      ['skipped', 'mailbox_removed'],
      ['skipped', 'mailbox_removed'],
    ]);
    expect(asked).toEqual([]);
    expect(handed).toEqual([]);
  });

  test('goes on with what is queued of a paused mailbox', async () => {
    const { run } = setup({ state: 'paused' });
    expect((await run([entryOf(aMessage(1))])).ends).toEqual(['completed']);
  });

  test('waits for a mailbox that it has not heard of yet, and keeps the message as a dead letter when it never does', async () => {
    const { run, asked, changes } = setup({ state: null });
    const { ends } = await run([
      entryOf(aMessage(1)),
      entryOf(aMessage(2, { noticedAt: '2026-03-01T09:59:59.000Z' })),
    ]);
    expect(ends).toEqual(['delayed 5000', 'DeadLetterError backoff']);
    expect(changes.map(({ reason }) => reason)).toEqual(['mailbox_unknown']);
    expect(asked).toEqual([]);
  });

  test('every message ends by its own outcome', async () => {
    const { run, handed, changes, indexed } = setup({
      refusedForMs: {
        [messageKey(aMessage(3))]: 120_000,
        [messageKey(aMessage(6))]: 120_000,
      },
      errors: {
        [id(1)]: new GraphThrottledError('', { status: 429, retryAfterMs: 7_000 }),
        [id(2)]: new GraphItemNotFoundError('', { status: 404 }),
        [id(3)]: new GraphItemNotFoundError('', { status: 404 }),
        [id(4)]: new GraphTransientError('', { status: 500 }),
        [id(5)]: new GraphTransientError('', { status: 500 }),
        [id(6)]: new GraphRequestError('', { status: 400 }),
      },
    });
    const { ends, report } = await run([
      entryOf(aMessage(0)),
      entryOf(aMessage(1)),
      entryOf(aMessage(2)),
      entryOf(aMessage(3)),
      entryOf(aMessage(4)),
      entryOf(aMessage(5), 2),
      entryOf(aMessage(6)),
      new Entry({ v: 1 }, jobIdOf(messageKey(aMessage(7)))),
      new Entry({ v: 2 }, jobIdOf(messageKey(aMessage(8)))),
      new Entry({}, jobIdOf(messageKey(aMessage(9)))),
    ]);
    expect(ends).toEqual([
      'completed',
      'delayed 7000',
      'delayed 2000',
      'completed',
      'GraphTransientError backoff',
      'GraphTransientError backoff',
      'DeadLetterError backoff',
      'DeadLetterError backoff',
      'delayed 60000',
      'completed',
    ]);
    expect(handed).toHaveLength(1);
    expect(changes.map(({ state, reason }) => `${state} ${reason}`)).toEqual([
      'dead payload_invalid',
      'skipped source_deleted',
      'dead attempts_exhausted',
      'dead graph_request',
    ]);
    // Whoever looks for it finds it there, however it ended; but what is unread is nobody's.
    expect(indexed).toEqual(['record', 'skipped', 'dead', 'dead']);
    expect(report).toMatchObject({
      messages: 10,
      prepared: 1,
      skipped: 1,
      snoozed: 3,
      retried: 2,
      dead: 2,
      lost: 1,
    });
  });

  test('what the rules of its mailbox decline is skipped with the reason, and not asked for where its job tells enough', async () => {
    const { run, asked, handed, changes } = setup({
      withFiles: [id(2), id(3)],
      rules: {
        hasAttachments: true,
        attachmentBytes: { min: 60_000 },
        subject: { none: ['newsletter'] },
      },
    });
    const { ends, report } = await run([
      entryOf(aMessage(1)),
      entryOf(aMessage(2)),
      entryOf(aMessage(3, { metadata: aMetadata({ subject: 'Newsletter' }), sessionId: 's-1' })),
    ]);
    expect(asked).toEqual([id(1), id(2)]);
    expect(changes).toMatchObject([
      { state: 'skipped', reason: 'rule_no_attachments' },
      { state: 'skipped', reason: 'rule_size' },
      { state: 'skipped', reason: 'rule_subject', sessionId: 's-1' },
    ]);
    expect(ends).toEqual(['completed', 'completed', 'completed']);
    expect(handed).toEqual([]);
    expect(report).toMatchObject({ skipped: 3, prepared: 0 });
  });

  test('what a mail is, its files considered, is in its record, or the reason for which it is skipped', async () => {
    const { run, asked, handed, changes } = setup({ rules: { kinds: ['mail', 'bounce'] } });
    await run([
      entryOf(aMessage(1)),
      entryOf(aMessage(2, { metadata: aMetadata({ kind: 'bounce' }) })),
      entryOf(aMessage(3, { metadata: aMetadata({ kind: 'draft' }) })),
    ]);
    expect(asked).toEqual([id(1), id(2)]);
    expect(handed.map(({ kind }) => kind)).toEqual(['mail', 'bounce']);
    expect(changes).toMatchObject([{ state: 'skipped', reason: 'rule_kind_draft' }]);
  });

  test('a session’s message makes way for new mail', async () => {
    const { run, priorities } = setup();
    await run([
      entryOf(aMessage(1)),
      entryOf(aMessage(2, { source: 'backfill' })),
      entryOf(aMessage(3, { source: 'poll' })),
    ]);
    expect(priorities).toEqual(['live', 'backfill', 'live']);
  });

  test('a dead letter keeps what Microsoft’s support asks for, and the log one of each kind', async () => {
    const error = new GraphRequestError('', {
      status: 400,
      requestId: 'r-1',
      clientRequestId: 'c-1',
    });
    const { run, failures } = setup({
      refusedForMs: {
        [messageKey(aMessage(1))]: 120_000,
        [messageKey(aMessage(2))]: 120_000,
      },
      errors: { [id(1)]: error, [id(2)]: error },
    });
    const { report } = await run([entryOf(aMessage(1)), entryOf(aMessage(2))]);
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatchObject({ name: 'DeadLetterError', message: 'graph_request' });
    expect(failures[0]?.stack).toContain('request-id r-1, client-request-id c-1');
    expect(report.support).toEqual({ graph_request: 'request-id r-1, client-request-id c-1' });
  });

  test('a refused credential makes its own messages wait, burns no attempt and closes no queue', async () => {
    const refused = new GraphAuthError('', { status: 401, retryAfterMs: 12_000 });
    const { run, changes } = setup({ errors: { [id(1)]: refused } });
    const { ends, limitMs } = await run([entryOf(aMessage(1)), entryOf(aMessage(2))]);
    expect(ends).toEqual(['delayed 12000', 'completed']);
    expect(limitMs).toBe(0);
    expect(changes).toEqual([]);
  });

  test('when the ledger cannot be written no job ends', async () => {
    const { run } = setup({ ledgerFails: true });
    const { ends } = await run([
      new Entry({ v: 1 }, 'm-AAAAAAAAAAAAAAAAAAAAAA'),
      entryOf(aMessage(1)),
    ]);
    expect(ends).toEqual(['nacked', 'nacked']);
  });
});
