import { describe, expect, test } from '@jest/globals';
import { type AuditResult, JOBS, type MailboxState } from '@ms1/contracts';
import {
  GraphAuthError,
  type GraphError,
  GraphForbiddenError,
  GraphMailboxError,
  GraphRequestError,
  GraphThrottledError,
  GraphTransientError,
  GraphUnavailableError,
  GraphUnlistedError,
} from '@ms1/graph-client';
import { CancelError, SnoozeError, type StripReport } from '@ms1/queue';
import { createLogger } from '@ms1/runtime';

import { FolderTroubles } from './folder-troubles.ts';
import type { PollOutcome } from './polling/poll-folder.ts';
import type { WalkedFolder } from './polling/walk-folder.ts';
import { createPollingJobs } from './polling-jobs.ts';
import type { ScanOutcome } from './scanning/scan-session.ts';
import type { RenewalReport } from './subscriptions/renew-subscriptions.ts';

const FOLDER = { v: 1, tenantId: 't', mailboxId: 'm', folderId: 'inbox' };
const SCAN = { ...FOLDER, sessionId: 's' };
const AUDIT = { ...FOLDER, auditId: 'a', from: null, to: null, sessionId: null, repair: false };

interface Scenario {
  poll?: PollOutcome | Error;
  /** by mailbox, where it is another one */
  polls?: Record<string, PollOutcome | Error>;
  /** folders of the round of two */
  round?: WalkedFolder[];
  scan?: ScanOutcome | Error;
  audit?: AuditResult | Error | null;
  renew?: RenewalReport | Error | null;
  strip?: StripReport | Error;
  stopping?: boolean;
  /** of the mailbox */
  state?: MailboxState;
}

function setup(scenario: Scenario = {}) {
  const ended: string[] = [];
  const gone: string[] = [];
  const clock = { at: Date.now(), now: () => clock.at };
  const told: string[] = [];
  const troubles = new FolderTroubles({ clock });
  const settle = async <T>(value: T | Error | undefined): Promise<T> => {
    if (value === undefined || value instanceof Error) throw value ?? new Error('not expected');
    return value;
  };
  const process = createPollingJobs({
    poll: ({ mailboxId }) => settle(scenario.polls?.[mailboxId] ?? scenario.poll),
    scan: () => settle(scenario.scan),
    audit: () => settle(scenario.audit),
    renew: () => settle(scenario.renew),
    strip: () => settle(scenario.strip),
    stripMore: async (after) => void ended.push(`after ${after?.join()}`),
    stateOf: ({ mailboxId }) =>
      mailboxId.startsWith('m') ? (scenario.state ?? 'active') : undefined,
    gone: {
      scan: async ({ sessionId }) => gone.push(`scan ${sessionId}`),
      audit: async ({ auditId }) => gone.push(`audit ${auditId}`),
    },
    foldersIn: ({ share }) => (scenario.round ?? []).filter((_, n) => n % 2 === share),
    concurrency: 2,
    pollSooner: async ({ mailboxId }, afterMs) =>
      void ended.push(afterMs === undefined ? 'sooner' : `${mailboxId} again in ${afterMs}`),
    pollEveryMs: 60_000,
    labelOf: () => 'AP Berlin',
    troubles,
    progress: { made: () => told.push('made'), blocked: (reason) => told.push(reason) },
    metrics: {
      ended: (job, outcome) => ended.push(`${job} ${outcome}`),
      walked: () => undefined,
      relooked: () => undefined,
      pushed: () => undefined,
      scanned: () => undefined,
      audited: () => undefined,
    },
    logger: createLogger('test', 'silent'),
    random: () => 0,
    stopping: scenario.stopping ? AbortSignal.abort() : new AbortController().signal,
  });
  const run = (name: string, data: unknown, attemptsStarted = 1) =>
    process({ id: '1', name, data, attemptsStarted }, new AbortController().signal).catch(
      (error: unknown) => error,
    );
  return { run, ended, gone, troubles, clock, told };
}

const facts = { status: 500 };
const ROLLING = { ...AUDIT, auditId: null };
const throttled = new GraphThrottledError('throttles', { status: 429, retryAfterMs: 7_000 });

describe('createPollingJobs', () => {
  test('walks the folders of a round, none of which another one keeps from it', async () => {
    const at = (mailboxId: string) => ({ tenantId: 't', mailboxId, folderId: 'inbox' });
    const { run, ended, told } = setup({
      poll: { kind: 'busy' },
      polls: { m0: throttled, m4: new Error('broken') },
      round: ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6'].map(at),
    });
    expect(await run(JOBS.pollRound, { v: 1, share: 0, of: 2 })).toMatchObject({
      message: 'broken',
    });
    expect(ended.toSorted()).toEqual([
      'm0 again in 7000',
      'poll-folder busy',
      'poll-folder busy',
      'poll-folder failed',
      'poll-folder snooze',
      'poll-round failed',
    ]);
    expect(told).toEqual(['made', 'made', 'made', 'made']);
    expect(await run(JOBS.pollRound, { v: 1, share: 1, of: 2 })).toBeUndefined();
    expect(ended.at(-1)).toBe('poll-round round');
  });

  test('strips old dead letters a part at a time, and again after what went wrong', async () => {
    const report = { stripped: 5_000, unreadable: 0, after: null };
    const part = setup({ strip: { ...report, after: ['inbound', 7, 'm-k'] } });
    await part.run(JOBS.stripLetters, { v: 1 });
    expect(part.ended).toEqual(['after inbound,7,m-k', 'strip-letters more']);
    const last = setup({ strip: report });
    await last.run(JOBS.stripLetters, { v: 1, after: ['inbound', 7, 'm-k'] });
    expect(last.ended).toEqual(['strip-letters done']);
    const lost = setup({ strip: new Error('Connection is closed.') });
    expect(await lost.run(JOBS.stripLetters, { v: 1 })).toBeInstanceOf(SnoozeError);
  });

  test('notices nothing of a paused mailbox: walks end, and what somebody waits for waits for the resume', async () => {
    // Nothing to answer with: whatever reads the mailbox rejects.
    const { run, ended } = setup({ state: 'paused' });
    expect(await run(JOBS.pollFolder, FOLDER)).toBeUndefined();
    expect(await run(JOBS.auditWindow, ROLLING)).toBeUndefined();
    expect(await run(JOBS.scanSession, SCAN)).toMatchObject({ code: 'snooze' });
    expect(await run(JOBS.auditWindow, AUDIT)).toMatchObject({ code: 'snooze' });
    expect(ended.slice(0, 2)).toEqual([
      'poll-folder mailbox paused',
      'audit-window mailbox paused',
    ]);
  });

  test('ends the work of a removed mailbox without reading it, so that no session waits for ever', async () => {
    const { run, ended, gone, troubles } = setup({ state: 'removed' });
    for (const [name, data] of [
      [JOBS.pollFolder, FOLDER],
      [JOBS.scanSession, SCAN],
      [JOBS.auditWindow, AUDIT],
      [JOBS.auditWindow, ROLLING],
    ] as const) {
      expect(await run(name, data)).toBeUndefined();
    }
    expect(gone).toEqual(['scan s', 'audit a']);
    expect(ended.every((line) => line.endsWith('mailbox removed'))).toBe(true);
    expect(() => troubles.assertNone()).not.toThrow();
  });

  test('a mailbox that is removed in the middle of a walk is no trouble', async () => {
    const { run, troubles } = setup({
      poll: new GraphUnlistedError(),
      scan: new GraphUnlistedError(),
    });
    expect(await run(JOBS.pollFolder, FOLDER)).toMatchObject({ code: 'snooze' });
    expect(await run(JOBS.scanSession, SCAN)).toMatchObject({ code: 'snooze' });
    expect(() => troubles.assertNone()).not.toThrow();
  });

  test('a folder in trouble whose mailbox is removed is in no trouble any more, though no job of it comes again', async () => {
    const scenario: Scenario = { poll: new GraphForbiddenError('forbids', { status: 403 }) };
    const { run, troubles } = setup(scenario);
    await run(JOBS.pollFolder, FOLDER);
    expect(() => troubles.assertNone()).toThrow('1 x graph_forbidden');
    scenario.state = 'removed';
    expect(() => troubles.assertNone()).not.toThrow();
  });

  test('a folder that Graph throttles on and on is told with its mailbox, and the role gets on', async () => {
    const scenario: Scenario = { poll: throttled };
    const { run, troubles, clock, told } = setup(scenario);
    await run(JOBS.pollFolder, FOLDER);
    expect(() => troubles.assertNone()).not.toThrow();
    clock.at += 26_000;
    await run(JOBS.pollFolder, FOLDER);
    expect(() => troubles.assertNone()).toThrow('1 x graph_throttled (AP Berlin) since');
    scenario.poll = { kind: 'busy' };
    await run(JOBS.pollFolder, FOLDER);
    expect(() => troubles.assertNone()).not.toThrow();
    expect(told).toEqual(['made', 'made', 'made']);
  });

  test('a Graph that does not answer is no progress, until a walk comes to its end', async () => {
    const scenario: Scenario = { poll: new GraphTransientError('is silent', { status: null }) };
    const { run, told } = setup(scenario);
    await run(JOBS.pollFolder, FOLDER);
    scenario.poll = { kind: 'busy' };
    await run(JOBS.pollFolder, FOLDER);
    expect(told).toEqual(['Graph does not answer (graph_transient)', 'made']);
  });

  test('snoozes a throttled folder for as long as Graph said, once, and then leaves it to the next tick', async () => {
    const { run, ended } = setup({ poll: throttled });
    expect(await run(JOBS.pollFolder, FOLDER)).toMatchObject({ code: 'snooze', delayMs: 7_000 });
    expect(await run(JOBS.pollFolder, FOLDER, 2)).toBeUndefined();
    expect(ended).toEqual(['poll-folder snooze', 'poll-folder postponed']);
  });

  test('does not snooze a tick past the next one', async () => {
    const poll = new GraphUnavailableError('moves', { status: 503, retryAfterMs: 600_000 });
    const { run, ended, troubles } = setup({ poll });
    expect(await run(JOBS.pollFolder, FOLDER)).toBeUndefined();
    expect(ended).toEqual(['poll-folder postponed']);
    expect(() => troubles.assertNone()).not.toThrow();
  });

  test.each<GraphError>([
    new GraphAuthError('refuses the token', facts),
    new GraphForbiddenError('forbids the call', facts),
    new GraphMailboxError('does not serve the mailbox', facts),
  ])('says by readiness that a folder cannot be read, until it can: %s', async (poll) => {
    const scenario: Scenario = { poll };
    const { run, troubles } = setup(scenario);
    await run(JOBS.pollFolder, FOLDER);
    expect(() => troubles.assertNone()).toThrow(poll.code);
    scenario.poll = { kind: 'busy' };
    await run(JOBS.pollFolder, FOLDER);
    expect(() => troubles.assertNone()).not.toThrow();
  });

  test('says of a folder that is listed because Graph refuses its position that it does not get on', async () => {
    const relook = { listed: 1, added: 1, missing: 0 };
    const refused = new GraphRequestError('refuses the request', { status: 400 });
    const scenario: Scenario = { poll: { kind: 'around', error: refused, relook } };
    const { run, troubles } = setup(scenario);
    await run(JOBS.pollFolder, FOLDER);
    expect(() => troubles.assertNone()).toThrow('graph_request');
    scenario.poll = { kind: 'busy' };
    await run(JOBS.pollFolder, FOLDER);
    expect(() => troubles.assertNone()).not.toThrow();
  });

  test('lets any other error fail a walk, to be retried by the next tick', async () => {
    const poll = new GraphRequestError('refuses the request', { status: 400 });
    expect(await setup({ poll }).run(JOBS.pollFolder, FOLDER)).toBe(poll);
  });

  test('never gives up a scan or an audit that somebody waits for, and says that it does not get on', async () => {
    const scenario: Scenario = {
      scan: new Error('Redis does not take it'),
      audit: new Error('no'),
    };
    const { run, troubles } = setup(scenario);
    expect(await run(JOBS.scanSession, SCAN)).toMatchObject({ code: 'snooze', delayMs: 60_000 });
    expect(await run(JOBS.auditWindow, AUDIT)).toMatchObject({ code: 'snooze', delayMs: 60_000 });
    expect(() => troubles.assertNone()).toThrow('2 x failed');
    scenario.scan = { kind: 'needless' };
    scenario.audit = null;
    await run(JOBS.scanSession, SCAN);
    expect(() => troubles.assertNone()).toThrow('1 x failed');
  });

  test('begins a reset folder anew at a time of its own', async () => {
    const { run } = setup({ poll: { kind: 'reset' } });
    expect(await run(JOBS.pollFolder, FOLDER)).toBeInstanceOf(SnoozeError);
  });

  test('never gives up a scan that Graph does not serve for hours', async () => {
    const scan = new GraphUnavailableError('moves', facts);
    const { run } = setup({ scan });
    for (const start of [1, 100]) {
      expect(await run(JOBS.scanSession, SCAN, start)).toMatchObject({
        code: 'snooze',
        delayMs: 30_000,
      });
    }
  });

  test('reads no folder that is not configured, whatever a job says', async () => {
    const { run } = setup({ poll: { kind: 'busy' } });
    expect(await run(JOBS.pollFolder, { ...FOLDER, mailboxId: 'other' })).toBeInstanceOf(
      CancelError,
    );
    expect(await run(JOBS.scanSession, { ...SCAN, mailboxId: 'other' })).toBeInstanceOf(
      CancelError,
    );
  });

  test('cancels what does not parse and leaves what is of a later version for a later process', async () => {
    const { run } = setup();
    expect(await run(JOBS.pollFolder, {})).toBeInstanceOf(CancelError);
    expect(await run(JOBS.pollFolder, { ...FOLDER, v: 2 })).toMatchObject({ code: 'snooze' });
    expect(await run('a-job-of-tomorrow', {})).toMatchObject({ code: 'snooze' });
  });

  test('ends quietly when it is stopped in the middle', async () => {
    const aborted = new Error('aborted');
    const stopped = setup({ poll: aborted, scan: aborted, renew: aborted, stopping: true });
    expect(await stopped.run(JOBS.pollFolder, FOLDER)).toBeUndefined();
    expect(await stopped.run(JOBS.renewSubscriptions, { v: 1 })).toBeUndefined();
    expect(await stopped.run(JOBS.scanSession, SCAN)).toMatchObject({ code: 'snooze' });
  });

  test('says by readiness that subscriptions fail, and tries once more before the next tick', async () => {
    const report = { created: 1, renewed: 0, removed: 0, kept: 0, missing: 0 };
    const scenario: Scenario = {
      renew: { ...report, failures: [new GraphForbiddenError('forbids the call', facts)] },
    };
    const { run, troubles, ended } = setup(scenario);
    // Once more before the next tick, which comes in any case.
    expect(await run(JOBS.renewSubscriptions, { v: 1 })).toMatchObject({ delayMs: 30_000 });
    expect(await run(JOBS.renewSubscriptions, { v: 1 }, 2)).toBeUndefined();
    expect(() => troubles.assertNone()).toThrow('1 x graph_forbidden');
    scenario.renew = { ...report, failures: [] };
    await run(JOBS.renewSubscriptions, { v: 1 });
    expect(() => troubles.assertNone()).not.toThrow();
    scenario.renew = null;
    await run(JOBS.renewSubscriptions, { v: 1 });
    expect(ended.at(-1)).toBe('renew-subscriptions busy');
  });

  test('a scan goes on within little more than a minute after its mailbox, that Graph forbade, is well', async () => {
    const { run } = setup({ scan: new GraphForbiddenError('forbids', { status: 403 }) });
    const { delayMs } = (await run(JOBS.scanSession, SCAN)) as SnoozeError;
    expect(delayMs).toBeLessThanOrEqual(72_000);
  });

  test('an audit that Graph will not serve is snoozed, one of the rolling audit left to the next tick', async () => {
    const asked = { ...FOLDER, from: null, to: null, sessionId: null, repair: false, auditId: 'a' };
    const { run, ended } = setup({ audit: throttled });
    expect(await run(JOBS.auditWindow, asked)).toMatchObject({ code: 'snooze', delayMs: 7_000 });
    await run(JOBS.auditWindow, { ...asked, auditId: null });
    expect(ended).toEqual(['audit-window snooze', 'audit-window postponed']);
  });

  test('an audit with an unexplained message ends as such', async () => {
    const asked = { ...FOLDER, from: null, to: null, sessionId: null, repair: true, auditId: null };
    const counts = { delivered: 0, skipped: 0, dead: 0, inFlight: 0, unexplained: 1 };
    const result = { at: '', from: null, to: null, listed: 1, counts, reasons: {}, repaired: 1 };
    const { run, ended } = setup({ audit: { ...result, witnesses: [] } });
    await run(JOBS.auditWindow, asked);
    expect(ended).toEqual(['audit-window unexplained']);
  });
});
