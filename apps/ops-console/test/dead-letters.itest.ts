import { describe, expect, test } from '@jest/globals';
import { JOBS, jobIdOf } from '@ms1/contracts';

import { consoleBundle } from './console-bundle.ts';
import { clear, ended, startOperations } from './operate.ts';

/** Jobs on `inbound` that have failed for a cause, as BullMQ and the ledger keep them. */
async function fail(
  bundle: Awaited<ReturnType<typeof consoleBundle>>,
  causes: readonly string[],
  data: object = { v: 1 },
  failedAt = 1_000,
): Promise<string[]> {
  const keys = causes.map((_, n) => String(n).padStart(22, 'k'));
  for (const [n, cause] of causes.entries()) {
    const jobId = jobIdOf(keys[n] ?? '');
    await bundle.inbound.add(JOBS.ingestMessage, data, { jobId });
    await bundle.redis.lrem('{ms1}:inbound:wait', 0, jobId);
    await bundle.redis.hset(
      `{ms1}:inbound:${jobId}`,
      'failedReason',
      cause,
      'finishedOn',
      failedAt + n,
    );
    // Many share a time: a page must not lose those that its last time goes on with.
    await bundle.redis.zadd('{ms1}:inbound:failed', failedAt + (n % 2), jobId);
  }
  const at = Date.now();
  await bundle.ledger.record(keys.map((key) => ({ key, state: 'dead', at, reason: 'rejected' })));
  return keys;
}

describe('clearing', () => {
  test('lists page by page, each letter once, and filters', async () => {
    await using bundle = await consoleBundle();
    await fail(
      bundle,
      Array.from({ length: 1_100 }, (_, n) => (n < 1_000 ? 'a' : 'b')),
    );
    const keys = new Set<string>();
    for (let offset = 0; offset < 1_100; offset += 500) {
      const { body } = await bundle.api('GET', `/dead-letters?limit=500&offset=${offset}`);
      for (const { key } of body as unknown as { key: string }[]) keys.add(key);
    }
    expect(keys.size).toBe(1_100);
    const { body } = await bundle.api('GET', '/dead-letters/groups?stage=inbound');
    expect(body).toMatchObject([{ count: 1_000 }, { count: 100 }]);
    expect((await bundle.api('GET', '/dead-letters/groups?stage=outbound')).body).toEqual([]);
  });

  test('a discarded letter is off its queue, and its message stays dead for that reason', async () => {
    await using bundle = await consoleBundle();
    await using _ = startOperations(bundle);
    const [key = ''] = await fail(bundle, ['a', 'b']);
    const request = { key, dryRun: false, reason: 'a test mail' };
    const operation = await ended(bundle, await clear(bundle, 'discard', request));
    expect(operation).toMatchObject({ matched: 1, done: 1, gone: 0 });
    expect(await bundle.inbound.getFailedCount()).toBe(1);
    expect(await bundle.ledger.known([key])).toMatchObject([
      { state: 'dead', reason: 'discarded' },
    ]);
    expect(await ended(bundle, await clear(bundle, 'discard', request))).toMatchObject({
      matched: 0,
    });
  });

  test('a group has an owner, is no concern until its time, and says when it comes back after a replay', async () => {
    await using bundle = await consoleBundle();
    await using _ = startOperations(bundle);
    await fail(bundle, ['a', 'a']);
    const group = async () => {
      const { body } = await bundle.api('GET', '/dead-letters/groups');
      return (
        body as unknown as { fingerprint: string; advice: string; triage: object | null }[]
      )[0];
    };
    const { fingerprint, advice, triage } = (await group()) ?? {};
    expect({ advice, triage }).toEqual({ advice: expect.stringMatching(/^Graph /), triage: null });

    const path = `/dead-letters/groups/${fingerprint}`;
    const snoozedUntil = new Date(bundle.clock.now() + 3_600_000).toISOString();
    await bundle.api('PATCH', path, { assignee: 'Ana', note: 'asked the supplier' });
    expect((await bundle.api('PATCH', path, { snoozedUntil, note: null })).body).toMatchObject({
      assignee: 'Ana',
      note: null,
      snoozedUntil,
      grewAfterReplay: false,
    });
    expect((await bundle.api('PATCH', path, {})).status).toBe(400);
    const { body: log } = await bundle.api('GET', '/actions');
    expect(JSON.stringify(log)).not.toMatch(/Ana|supplier/);

    const again = { fingerprint, dryRun: false, reason: 'mended' };
    expect((await ended(bundle, await clear(bundle, 'replay', again))).done).toBe(2);
    await fail(bundle, ['a'], { v: 1 }, Date.now() + 1);
    expect((await group())?.triage).toMatchObject({ assignee: 'Ana', grewAfterReplay: true });
  });

  test('a letter whose data is lost is left to the audit: its message is queued, and its job gone', async () => {
    await using bundle = await consoleBundle();
    await using _ = startOperations(bundle);
    const [key = ''] = await fail(bundle, ['payload_invalid'], {});
    const request = { all: true, dryRun: false, reason: 'Redis lost it' };
    await ended(bundle, await clear(bundle, 'replay', request));
    expect(await bundle.ledger.known([key])).toMatchObject([{ state: 'queued' }]);
    expect(await bundle.inbound.getJob(jobIdOf(key))).toBeUndefined();
  });

  test('a letter that its queue does not let go is counted as such, stays dead, and keeps no other waiting', async () => {
    await using bundle = await consoleBundle();
    await using _ = startOperations(bundle);
    const [stuck = '', ...others] = await fail(bundle, ['a', 'a', 'a']);
    await bundle.redis.del(`{ms1}:inbound:${jobIdOf(stuck)}`);
    await bundle.redis.set(`{ms1}:inbound:${jobIdOf(stuck)}`, 'no hash');
    const request = { all: true, dryRun: false, perSecond: 10, reason: 'mended' };
    expect(await ended(bundle, await clear(bundle, 'replay', request))).toMatchObject({
      status: 'done',
      done: 2,
      failed: 1,
      failures: { queue_refused: 1 },
      by: 'admins',
    });
    const states = (await bundle.ledger.known([stuck, ...others])).map((one) => one?.state);
    expect(states).toEqual(['dead', 'queued', 'queued']);
    expect(bundle.errors).toEqual([]);
  });

  test('control: a letter that runs again without the ledger being told is called dead while it waits', async () => {
    await using bundle = await consoleBundle();
    const [key = ''] = await fail(bundle, ['a']);
    expect(await bundle.letters.retry({ key, stage: 'inbound' })).toBe('retried');
    expect(await bundle.letters.retry({ key, stage: 'inbound' })).toBe('gone');
    expect(await bundle.inbound.getWaitingCount()).toBe(1);
    expect(await bundle.ledger.known([key])).toMatchObject([{ state: 'dead' }]);
  });

  test('is logged with who, when and what, before and after it happens, and never more than is accepted', async () => {
    await using bundle = await consoleBundle();
    await clear(bundle, 'replay', { all: true, dryRun: false, reason: 'again' });
    await clear(bundle, 'replay', { all: true, dryRun: false });
    const { body } = await bundle.api('GET', '/actions');
    const lines = body as unknown as { action: string; status: number | null; detail: object }[];
    expect(lines.toReversed()).toMatchObject([
      {
        action: 'POST /dead-letters/replay',
        by: 'token',
        status: null,
        detail: { input: { reason: 'again', all: true } },
      },
      { status: 202, of: expect.any(String) },
      { status: null, detail: { invalid: true } },
      { status: 400 },
    ]);
  });

  test.each([
    ['nothing chosen', { dryRun: true }, ''],
    ['no reason', { all: true, dryRun: false }, '/reason'],
    ['an extra field', { all: true, force: true }, ''],
    ['a rate without a bound', { all: true, perSecond: 100_000 }, '/perSecond'],
  ])('refuses %s', async (_name, request, pointer) => {
    await using bundle = await consoleBundle();
    const { status, body } = await bundle.api('POST', '/dead-letters/replay', request);
    expect([status, body['errors']]).toMatchObject([400, [{ pointer }]]);
  });
});
