import { describe, expect, test } from '@jest/globals';
import { type FolderRef, folderKey } from '@ms1/contracts';
import { openRedis } from '@ms1/testkit';

import { SessionStore } from '../src/index.ts';

async function setup() {
  const opened = await openRedis();
  const { redis } = opened;
  return {
    ...opened,
    sessions: new SessionStore(redis),
    scansOf: (id: string) => `{ms1}:session:scans:${id}`,
    recordOf: (id: string) => `{ms1}:session:record:${id}`,
    /** commands and bytes that Redis answered with while `work` ran */
    async cost(work: () => Promise<unknown>) {
      await redis.config('RESETSTAT');
      await work();
      const [stats, commands] = [await redis.info('stats'), await redis.info('commandstats')];
      const calls = [...commands.matchAll(/cmdstat_(\w+):calls=(\d+)/g)]
        .filter(([, name = '']) => !['info', 'config'].includes(name))
        .map(([, name, times]) => `${name} ${times}`);
      return {
        calls: calls.toSorted(),
        bytes: Number(/total_net_output_bytes:(\d+)/.exec(stats)?.[1]),
      };
    },
  };
}

function folders(count: number): FolderRef[] {
  return Array.from({ length: count }, (_, i) => ({ mailboxId: `m${i}`, folderId: 'inbox' }));
}

describe('looking at sessions', () => {
  test('costs two small commands each, however many folders and mailboxes they have', async () => {
    await using bundle = await setup();
    const { sessions } = bundle;
    const closed = async (name: string, count: number) => {
      const refs = folders(count).map((ref) => ({ ...ref, mailboxId: `${name}${ref.mailboxId}` }));
      const mailboxes = refs.map(({ mailboxId }) => mailboxId);
      const { session } = await sessions.create({ name, mailboxes });
      await sessions.close(session.id, refs);
      const [first = refs[0]] = refs;
      if (first) await sessions.recordScan(session.id, first, { found: 3, requeued: 1 });
    };
    const few = Array.from({ length: 12 }, (_, i) => `few${i}`);
    for (const name of few) await closed(name, 2);
    await sessions.list({ limit: 12 });
    const small = await bundle.cost(() => sessions.list({ limit: 12 }));
    expect(small.calls).toEqual(['hgetall 12', 'hmget 12', 'zrevrange 1']);

    for (const name of few) await closed(`many${name}`, 1_000);
    await sessions.list({ limit: 12 });
    const large = await bundle.cost(() => sessions.list({ limit: 12 }));
    expect(large.calls).toEqual(small.calls);
    // Names and numbers have a few digits more; a scan alone would have 40 bytes, and there are 12,000.
    expect(large.bytes).toBeLessThan(small.bytes + 2_000);
    const [session] = await sessions.list({ limit: 1 });
    expect(session).toMatchObject({ found: 3, requeued: 1, scans: { done: 1, total: 1_000 } });
    expect(session?.mailboxes).toHaveLength(1_000);
  });

  test('shows what its scans come to, whatever is reported, in which order and how often', async () => {
    await using bundle = await setup();
    const { sessions } = bundle;
    const refs = folders(4);
    const mailboxes = refs.map(({ mailboxId }) => mailboxId);
    const { session } = await sessions.create({ name: 'a', mailboxes });
    const { id } = session;
    const shown = async () => {
      const { found, requeued, missing, scans, status } = (await sessions.get(id)) ?? {};
      return { found, requeued, missing, scans, status };
    };
    await sessions.close(id, refs);
    const [one, two, three, four] = refs as [FolderRef, FolderRef, FolderRef, FolderRef];
    await sessions.recordScanProgress(id, one, { reached: '2026', seen: 40, requeued: 4 });
    await sessions.recordScanProgress(id, one, { reached: '2027', seen: 50, requeued: 5 });
    expect(await shown()).toMatchObject({ found: 50, requeued: 5, scans: { done: 0, total: 4 } });
    await sessions.recordScan(id, one, { found: 60, requeued: 6 });
    await sessions.recordScan(id, one, { found: 61, requeued: 6, missing: 2 });
    await sessions.recordScan(id, two, { found: 1, requeued: 0 });
    expect(await shown()).toMatchObject({ found: 62, missing: 2, scans: { done: 2, total: 4 } });
    await sessions.cancel(id);
    await sessions.recordScanProgress(id, three, { reached: '2026', seen: 7, requeued: 0 });
    expect(await shown()).toMatchObject({ found: 69, status: 'cancelled' });
    await sessions.resume(id);
    await sessions.recordScan(id, three, { found: 8, requeued: 0 });
    expect(await sessions.finish(id)).toBe(false);
    await sessions.recordScan(id, four, { found: 0, requeued: 0 });
    expect(await sessions.finish(id)).toBe(true);
    expect(await shown()).toEqual({
      found: 70,
      requeued: 6,
      missing: 2,
      scans: { done: 4, total: 4 },
      status: 'incomplete',
    });
  });

  test('is right beside processes of before, which keep no sums, and a session of theirs ends', async () => {
    await using bundle = await setup();
    const { redis, sessions } = bundle;
    const refs = folders(3);
    const { session } = await sessions.create({ name: 'a', mailboxes: ['m0', 'm1', 'm2'] });
    const { id } = session;
    await sessions.close(id, refs);
    // As they write a scan, and close a session.
    const theirs = (ref: FolderRef, result: object) =>
      redis.hset(bundle.scansOf(id), folderKey(ref), JSON.stringify({ ...ref, ...result }));
    const [one, two, three] = refs as [FolderRef, FolderRef, FolderRef];
    await redis.hdel(bundle.recordOf(id), 'sums');
    await theirs(one, { found: 5, requeued: 0 });
    expect(await sessions.get(id)).toMatchObject({ found: 5, scans: { done: 1, total: 3 } });
    await theirs(two, { found: 6, requeued: 0, missing: 1 });
    await sessions.recordScan(id, three, { found: 7, requeued: 0 });
    // The look for scans that were lost, which comes by itself, counts anew.
    expect(await sessions.finish(id)).toBe(false);
    expect(await sessions.pendingScans(id)).toEqual([]);
    expect(await sessions.finish(id)).toBe(true);
    expect(await sessions.get(id)).toMatchObject({ found: 18, missing: 1, status: 'incomplete' });

    // Ended by one of them, on sums that are none of its own.
    await redis.hset(bundle.recordOf(id), 'sums', '3 2 12 0 0');
    expect(await sessions.get(id)).toMatchObject({ found: 18, missing: 1, status: 'incomplete' });
  });
});
