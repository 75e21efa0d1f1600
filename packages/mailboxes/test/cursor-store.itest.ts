import { describe, expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';
import { FencedError } from '../src/fenced-error.ts';
import { CursorStore } from '../src/index.ts';

const FOLDER = { mailboxId: 'AAAA-mailbox', folderId: 'inbox' };
const cursor = (link: string) => ({ link, since: null });

async function setup() {
  const opened = await openRedis();
  const { redis } = opened;
  const other = opened.connect();
  const clock = { now: () => 1_000 };
  return {
    ...opened,
    cursors: new CursorStore(redis, { clock }),
    /** another process */
    otherCursors: new CursorStore(other, { clock }),
  };
}

describe('CursorStore', () => {
  test('reads what was written, per folder, and null before', async () => {
    await using bundle = await setup();
    expect(await bundle.cursors.read(FOLDER)).toBeNull();
    await bundle.cursors.read(FOLDER, 1);
    await bundle.cursors.write(FOLDER, { link: 'link-1', since: '2026-11-01T00:00:00Z' }, 1);
    expect(await bundle.otherCursors.read({ ...FOLDER, mailboxId: 'aaaa-MAILBOX' })).toEqual({
      link: 'link-1',
      since: '2026-11-01T00:00:00Z',
      noticedTo: null,
      updatedAt: 1_000,
    });
    expect(await bundle.cursors.read({ ...FOLDER, folderId: 'Inbox2' })).toBeNull();
  });

  test('a walker that was frozen past its lease can not put the cursor back', async () => {
    await using bundle = await setup();
    const [frozen, next] = [{ fence: 10 }, { fence: 11 }];
    await bundle.otherCursors.read(FOLDER, next.fence);
    await bundle.otherCursors.write(FOLDER, cursor('link-2'), next.fence);
    const thawed = bundle.cursors.write(FOLDER, cursor('link-1'), frozen.fence);
    await expect(thawed).rejects.toBeInstanceOf(FencedError);
    await expect(bundle.cursors.clear(FOLDER, frozen.fence)).rejects.toBeInstanceOf(FencedError);
    expect(await bundle.cursors.read(FOLDER)).toMatchObject({ link: 'link-2' });
  });

  test('a walker that read under its lease fences those before it, before it has written', async () => {
    await using bundle = await setup();
    await bundle.cursors.read(FOLDER, 10);
    await bundle.cursors.write(FOLDER, cursor('link-1'), 10);
    expect(await bundle.otherCursors.read(FOLDER, 11)).toMatchObject({ link: 'link-1' });
    await expect(bundle.cursors.write(FOLDER, cursor('late'), 10)).rejects.toBeInstanceOf(
      FencedError,
    );
    await expect(bundle.cursors.read(FOLDER, 10)).rejects.toBeInstanceOf(FencedError);
    await bundle.otherCursors.write(FOLDER, cursor('link-2'), 11);
    expect(await bundle.cursors.read(FOLDER)).toMatchObject({ link: 'link-2' });
  });

  test('negative control: without a read under the lease, a late write before the first one gets through', async () => {
    await using bundle = await setup();
    await bundle.cursors.read(FOLDER, 10);
    await bundle.cursors.write(FOLDER, cursor('link-1'), 10);
    await bundle.otherCursors.read(FOLDER);
    await bundle.cursors.write(FOLDER, cursor('late'), 10);
    expect(await bundle.cursors.read(FOLDER)).toMatchObject({ link: 'late' });
  });

  test('a walker whose position Redis has lost meanwhile does not put one back', async () => {
    await using bundle = await setup();
    await bundle.cursors.read(FOLDER, 10);
    await bundle.cursors.write(FOLDER, cursor('link-1'), 10);
    await bundle.redis.flushall();
    await expect(bundle.cursors.write(FOLDER, cursor('link-2'), 10)).rejects.toBeInstanceOf(
      FencedError,
    );
    expect(await bundle.otherCursors.read(FOLDER, 11)).toBeNull();
    await bundle.otherCursors.write(FOLDER, cursor('anew'), 11);
    expect(await bundle.cursors.read(FOLDER)).toMatchObject({ link: 'anew' });
  });

  test('cleared, it is null again and its fence still holds', async () => {
    await using bundle = await setup();
    await bundle.cursors.read(FOLDER, 10);
    await bundle.cursors.write(FOLDER, cursor('link-1'), 10);
    await bundle.cursors.clear(FOLDER, 11);
    expect(await bundle.cursors.read(FOLDER)).toBeNull();
    await expect(bundle.cursors.write(FOLDER, cursor('late'), 10)).rejects.toBeInstanceOf(
      FencedError,
    );
  });

  test('a forgotten folder has no position, and who walked it before can not put one back', async () => {
    await using bundle = await setup();
    await bundle.cursors.read(FOLDER, 5);
    await bundle.cursors.write(FOLDER, cursor('old'), 5);
    await bundle.otherCursors.forget(FOLDER, 6);
    expect(await bundle.cursors.read(FOLDER)).toBeNull();
    await expect(bundle.cursors.write(FOLDER, cursor('older'), 5)).rejects.toThrow(FencedError);
    await bundle.cursors.write(FOLDER, cursor('new'), 7);
    expect(await bundle.cursors.read(FOLDER)).toMatchObject({ link: 'new' });
    const [key = ''] = await bundle.redis.keys('*cursor*');
    expect(await bundle.redis.pttl(key)).toBe(-1);
  });
});
