import { describe, expect, test } from '@jest/globals';
import { aMailbox, openRedis, until } from '@ms1/testkit';

import {
  MailboxConflictError,
  MailboxDirectory,
  MailboxNotFoundError,
  WatchedDirectory,
} from '../src/index.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const A = 'aaaaaaaa-0000-4000-8000-000000000001';
const B = 'bbbbbbbb-0000-4000-8000-000000000002';

const settings = (mailboxId: string, label = 'Invoices') =>
  aMailbox({ tenantId: TENANT, mailboxId, label });

async function setup() {
  const opened = await openRedis();
  const { redis } = opened;
  const other = opened.connect();
  const clock = { time: 1_000, now: () => clock.time };
  const errors: unknown[] = [];
  const directory = new MailboxDirectory(redis, { clock });
  /** as another process sees it */
  const watched = new WatchedDirectory({
    directory: new MailboxDirectory(other, { clock }),
    everyMs: 10,
    onError: (error) => errors.push(error),
  });
  return {
    ...opened,
    other,
    clock,
    directory,
    watched,
    errors,
    states: async () => {
      const { entries } = await directory.list();
      return entries.map(({ label, state, origin }) => `${label} ${state} ${origin}`);
    },
  };
}

describe('MailboxDirectory', () => {
  test('a restart adds what the environment names once, and renames it where nobody else said anything', async () => {
    await using bundle = await setup();
    const { directory, states } = bundle;
    expect(await directory.seed([settings(A, 'a'), settings(B, 'b')])).toBe(2);
    const revision = await directory.revision();
    expect(await directory.seed([settings(A, 'a'), settings(B, 'b')])).toBe(0);
    expect(await directory.revision()).toBe(revision);
    expect(await directory.seed([settings(A, 'renamed'), settings(B, 'b')])).toBe(1);
    expect(await states()).toEqual(['renamed active config', 'b active config']);
  });

  test('a process of an earlier configuration that starts again takes nothing away', async () => {
    await using bundle = await setup();
    const { directory, states } = bundle;
    const both = [{ ...settings(A, 'a'), folders: ['inbox', 'scans'] }, settings(B, 'b')];
    await directory.seed([settings(A, 'a')]);
    await directory.seed(both);
    expect(await directory.seed([settings(A, 'a')])).toBe(0);
    expect(await directory.seed(both)).toBe(0);
    expect(await states()).toEqual(['a active config', 'b active config']);
    expect((await directory.get(A))?.folders).toEqual(['inbox', 'scans']);
  });

  test('control: a process that makes the directory what its own configuration names takes away what others added', async () => {
    await using bundle = await setup();
    const { directory, states } = bundle;
    const seedExactly = async (named: ReturnType<typeof settings>[]) => {
      await directory.seed(named);
      const wanted = new Set(named.map(({ mailboxId }) => mailboxId));
      const { entries } = await directory.list();
      for (const { mailboxId } of entries) {
        if (!wanted.has(mailboxId)) await directory.setState(mailboxId, 'removed');
      }
    };
    await seedExactly([settings(A, 'a'), settings(B, 'b')]);
    await seedExactly([settings(A, 'a')]);
    expect(await states()).toEqual(['a active config', 'b removed api']);
  });

  test('mail is taken from when a folder was added, and from before where something may have been lost', async () => {
    await using bundle = await setup();
    const { directory, clock } = bundle;
    const began = async (id: string) => (await directory.get(id))?.takenFrom;
    const DAY = 86_400_000;
    clock.time = 10 * DAY;
    // An empty directory may be that of a store that was lost.
    await directory.seed([settings(A)]);
    expect(await began(A)).toEqual({ inbox: 9 * DAY });
    clock.time = 11 * DAY;
    await directory.seed([{ ...settings(A), folders: ['inbox', 'scans'] }, settings(B)]);
    expect(await began(A)).toEqual({ inbox: 9 * DAY, scans: 11 * DAY });
    expect(await began(B)).toEqual({ inbox: 11 * DAY });
    // Removed by mistake, and added again on the same day: what was on its way is found again.
    clock.time = 20 * DAY;
    await directory.setState(B, 'removed');
    clock.time = 20.5 * DAY;
    await directory.put(settings(B));
    expect(await began(B)).toEqual({ inbox: 19 * DAY });
    await directory.setState(B, 'removed');
    clock.time = 30 * DAY;
    await directory.put(settings(B));
    expect(await began(B)).toEqual({ inbox: 30 * DAY });
  });

  test('no restart overwrites what an operator changed, or brings back what one removed', async () => {
    await using bundle = await setup();
    const { directory, states } = bundle;
    await directory.seed([settings(A, 'a'), settings(B, 'b')]);
    await directory.put({ ...settings(A, 'theirs'), folders: ['scans'] });
    await directory.setState(B, 'removed');
    for (const named of [[settings(A, 'a'), settings(B, 'b')], []]) {
      expect(await directory.seed(named)).toBe(0);
    }
    expect(await states()).toEqual(['theirs active api', 'b removed api']);
    expect((await directory.get(A))?.folders).toEqual(['scans']);
  });

  test('ten processes that start together add each mailbox once', async () => {
    await using bundle = await setup();
    const named = [settings(A), settings(B)];
    const seeds = Array.from({ length: 10 }, (_, index) =>
      new MailboxDirectory(index % 2 ? bundle.redis : bundle.other).seed(named),
    );
    const changed = await Promise.all(seeds);
    expect(changed.reduce((sum, count) => sum + count)).toBe(2);
  });

  test('of two operators who read the same mailbox the second to write is told so', async () => {
    await using bundle = await setup();
    const { directory } = bundle;
    const read = await directory.put(settings(A), { ifRevision: 0 });
    const first = await directory.put(settings(A, 'first'), { ifRevision: read.revision });
    const second = directory.put(settings(A, 'second'), { ifRevision: read.revision });
    await expect(second).rejects.toThrow(MailboxConflictError);
    await expect(second).rejects.toMatchObject({ revision: first.revision });
    await expect(directory.put(settings(A), { ifRevision: 0 })).rejects.toThrow(
      MailboxConflictError,
    );
    await expect(directory.setState(A, 'paused', { ifRevision: read.revision })).rejects.toThrow(
      MailboxConflictError,
    );
    expect((await directory.get(A))?.label).toBe('first');
  });

  test('writers that do not say what they read all come through, one after the other', async () => {
    await using bundle = await setup();
    await bundle.directory.put(settings(A));
    const changes = ['x', 'y', 'z'].map((label) => bundle.directory.put(settings(A, label)));
    const revisions = (await Promise.all(changes)).map(({ revision }) => revision);
    expect(new Set(revisions).size).toBe(3);
  });

  test('pausing keeps when it was added; a mailbox that is added again is new', async () => {
    await using bundle = await setup();
    const { directory, clock } = bundle;
    await directory.put(settings(A));
    clock.time = 2_000;
    expect(await directory.setState(A, 'paused')).toMatchObject({
      addedAt: 1_000,
      label: 'Invoices',
    });
    expect(await directory.put(settings(A, 'x'))).toMatchObject({ state: 'paused' });
    expect(await directory.setState(A, 'active')).toMatchObject({ addedAt: 1_000 });
    expect(await directory.setState(A, 'removed')).toMatchObject({
      addedAt: 1_000,
      forgetBefore: null,
    });
    clock.time = 3_000;
    expect(await directory.put(settings(A))).toMatchObject({
      state: 'active',
      addedAt: 3_000,
      forgetBefore: 3_000,
    });
  });

  test('knows a mailbox in any case, and none that nobody added', async () => {
    await using bundle = await setup();
    await bundle.directory.put(settings(A.toUpperCase()));
    expect(await bundle.directory.get(A.toUpperCase())).toMatchObject({ mailboxId: A });
    expect(await bundle.directory.get(B)).toBeNull();
    await expect(bundle.directory.setState(B, 'paused')).rejects.toThrow(MailboxNotFoundError);
  });

  test('never gives a revision again that Redis has lost', async () => {
    await using bundle = await setup();
    const { directory, redis } = bundle;
    const { revision } = await directory.put(settings(A));
    await redis.del('{ms1}:directory:revision');
    expect((await directory.put(settings(A, 'x'))).revision).toBeGreaterThan(revision);
  });
});

describe('WatchedDirectory', () => {
  test('a change is seen by another process without anybody telling it', async () => {
    await using bundle = await setup();
    const { directory, watched } = bundle;
    const stop = new AbortController();
    const watching = watched.watch(stop.signal);
    await directory.put({ ...settings(A), rules: { hasAttachments: true } });
    await until(() => watched.current.isListed(A.toUpperCase()), { what: 'the mailbox is seen' });
    expect(watched.current.rulesOf(A)).toEqual({ hasAttachments: true });
    expect(watched.current.foldersOf(A)).toEqual([
      { tenantId: TENANT, mailboxId: A, folderId: 'inbox' },
    ]);
    await directory.setState(A, 'removed');
    await until(() => !watched.current.isListed(A), { what: 'its removal is seen' });
    expect(watched.current.get(A)?.state).toBe('removed');
    expect(watched.current.listed()).toEqual([]);
    expect(watched.current.isListed(B)).toBe(false);
    stop.abort();
    await watching;
    expect(bundle.errors).toEqual([]);
  });

  test('looks at the list only when it changed', async () => {
    await using bundle = await setup();
    const { directory, watched, redis } = bundle;
    await directory.put(settings(A));
    await watched.refresh();
    await redis.config('RESETSTAT');
    for (let look = 0; look < 5; look += 1) await watched.refresh();
    const stats = await redis.info('commandstats');
    expect(stats).toContain('cmdstat_mget:calls=5');
    expect(stats).not.toContain('cmdstat_hvals');
  });

  test('whoever has to act on a change and fails is told again', async () => {
    await using bundle = await setup();
    const { directory, watched } = bundle;
    const told: number[] = [];
    watched.onChange(({ entries }) => {
      told.push(entries.length);
      if (told.length === 1) throw new Error('not now');
    });
    await directory.put(settings(A));
    await expect(watched.refresh()).rejects.toThrow('not now');
    expect(watched.current.isListed(A)).toBe(true);
    await watched.refresh();
    await watched.refresh();
    expect(told).toEqual([1, 1]);
  });

  test('keeps its last view while Redis does not answer', async () => {
    await using bundle = await setup();
    await bundle.directory.put(settings(A));
    await bundle.watched.refresh();
    bundle.other.disconnect();
    await expect(bundle.watched.refresh()).rejects.toThrow();
    expect(bundle.watched.current.isListed(A)).toBe(true);
  });

  describe('when the store comes back empty', () => {
    async function remembering() {
      const bundle = await setup();
      const resets: number[] = [];
      const [first, second] = [bundle.redis, bundle.other].map(
        (redis) =>
          new WatchedDirectory({
            directory: new MailboxDirectory(redis, { clock: bundle.clock }),
            onError: (error) => bundle.errors.push(error),
            onReset: ({ resetAt }) => resets.push(resetAt ?? 0),
          }),
      ) as [WatchedDirectory, WatchedDirectory];
      await bundle.directory.seed([settings(A, 'a')]);
      await bundle.directory.put(settings(B, 'theirs'));
      await bundle.directory.setState(B, 'paused');
      await Promise.all([first.refresh(), second.refresh()]);
      bundle.clock.time = 200_000;
      await bundle.redis.flushall();
      return { ...bundle, first, second, resets };
    }

    test('every mailbox is put back as it was, and nobody ever sees none', async () => {
      await using bundle = await remembering();
      const { first, second, directory, states } = bundle;
      const seen: number[] = [];
      for (const one of [first, second]) one.onChange(({ entries }) => seen.push(entries.length));
      await Promise.all([first.refresh(), second.refresh()]);
      await Promise.all([first.refresh(), second.refresh()]);
      expect(await states()).toEqual(['a active config', 'theirs paused api']);
      expect(await directory.get(A)).toMatchObject({ addedAt: 1_000 });
      expect(new Set(seen)).toEqual(new Set([2]));
      expect([first.resetAt, second.resetAt]).toEqual([200_000, 200_000]);
      expect(bundle.resets).toEqual([200_000, 200_000]);
    });

    test('an operator and a beginning of before outlive a process that starts and seeds at once', async () => {
      await using bundle = await remembering();
      const { first, directory, clock } = bundle;
      await directory.epoch.begin();
      clock.time = 201_000;
      await directory.seed([settings(A, 'renamed'), settings(B, 'b')]);
      await first.refresh();
      expect(await directory.get(A)).toMatchObject({ label: 'renamed', addedAt: 1_000 });
      expect(await directory.get(B)).toMatchObject({ label: 'theirs', state: 'paused' });
      expect(first.resetAt).toBe(201_000);
      // What an operator says from now on stands, whoever still remembers what was before.
      await directory.setState(B, 'removed');
      await bundle.second.refresh();
      expect((await directory.get(B))?.state).toBe('removed');
    });

    test('one key that is lost is no lost store', async () => {
      await using bundle = await setup();
      const { watched, directory, redis } = bundle;
      await directory.put(settings(A));
      await watched.refresh();
      await redis.del('{ms1}:store:epoch');
      await watched.refresh();
      expect(watched.resetAt).toBeNull();
      expect((await directory.look()).epoch?.resetAt).toBeNull();
    });

    test('a store that went back in time gets the later word back', async () => {
      await using bundle = await setup();
      const { watched, directory, redis } = bundle;
      await directory.put(settings(A, 'earlier'));
      const backup = await redis.hgetall('{ms1}:directory:mailboxes');
      const revision = await directory.revision();
      await directory.put(settings(A, 'later'));
      await watched.refresh();
      await redis.hset('{ms1}:directory:mailboxes', backup);
      await redis.set('{ms1}:directory:revision', revision);
      await watched.refresh();
      expect((await directory.get(A))?.label).toBe('later');
    });
  });
});
