import { describe, expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import {
  SessionConflictError,
  SessionNotFoundError,
  SessionStatusError,
  SessionStore,
} from '../src/index.ts';

const MAILBOX = 'AAAA-1';
const FOLDERS = ['inbox', 'scans'].map((folderId) => ({ mailboxId: MAILBOX, folderId }));

async function setup() {
  const opened = await openRedis();
  const { redis } = opened;
  const clock = { at: Date.UTC(2026, 10, 23), now: () => clock.at };
  return {
    ...opened,
    clock,
    sessions: new SessionStore(redis, { clock }),
  };
}

describe('SessionStore', () => {
  test('tells in one command whose sessions mailboxes are in, while those are open', async () => {
    await using bundle = await setup();
    const { session } = await bundle.sessions.create({ name: 'a', mailboxes: [MAILBOX] });
    await bundle.redis.config('RESETSTAT');
    const asked = [MAILBOX.toLowerCase(), 'other', MAILBOX].map((id) =>
      bundle.sessions.activeSessionOf(id),
    );
    expect(await Promise.all(asked)).toEqual([session.id, null, session.id]);
    const stats = await bundle.redis.info('commandstats');
    const calls = [...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)];
    expect(
      calls
        .map(([, name, count]) => `${name} ${count}`)
        .filter((call) => !/^(info|config)/.test(call)),
    ).toEqual(['hmget 1']);
    await bundle.sessions.close(session.id, FOLDERS);
    expect(await bundle.sessions.activeSessionOf(MAILBOX)).toBeNull();
  });

  test('a mailbox of a closing session may be in the next one, which the end of the first leaves alone', async () => {
    await using bundle = await setup();
    const { session: first } = await bundle.sessions.create({ name: 'a', mailboxes: [MAILBOX] });
    await bundle.sessions.close(first.id, []);
    const { session: next } = await bundle.sessions.create({ name: 'b', mailboxes: [MAILBOX] });
    expect(await bundle.sessions.finish(first.id)).toBe(true);
    expect(await bundle.sessions.activeSessionOf(MAILBOX)).toBe(next.id);
  });

  test('the name of a closing session is taken until it has ended', async () => {
    await using bundle = await setup();
    const request = { name: 'a', mailboxes: [MAILBOX] };
    const { session } = await bundle.sessions.create(request);
    await bundle.sessions.close(session.id, FOLDERS);
    expect(await bundle.sessions.create(request)).toMatchObject({
      created: false,
      session: { status: 'closing' },
    });
    await expect(
      bundle.sessions.create({ ...request, to: '2026-01-01T00:00:00Z' }),
    ).rejects.toMatchObject({
      name: SessionConflictError.name,
      code: 'session_name_taken',
      sessionId: session.id,
    });
    await bundle.sessions.cancel(session.id);
    expect(await bundle.sessions.create(request)).toMatchObject({ created: true });
  });

  test('a scan counts once however often it is reported, the last report stands', async () => {
    await using bundle = await setup();
    const { session } = await bundle.sessions.create({ name: 'a', mailboxes: [MAILBOX] });
    await bundle.sessions.close(session.id, FOLDERS);
    const [inbox = { mailboxId: '', folderId: '' }] = FOLDERS;
    await bundle.sessions.recordScan(session.id, inbox, { found: 5, requeued: 1 });
    await bundle.sessions.recordScan(
      session.id,
      { ...inbox, mailboxId: MAILBOX.toLowerCase() },
      { found: 7, requeued: 0 },
    );
    expect(await bundle.sessions.get(session.id)).toMatchObject({
      found: 7,
      requeued: 0,
      scans: { done: 1, total: 2 },
    });
    expect(await bundle.sessions.pendingScans(session.id)).toEqual(FOLDERS.slice(1));
  });

  test('a scan of a folder that is not the session’s, or of a session that does not wait, changes nothing', async () => {
    await using bundle = await setup();
    const { session } = await bundle.sessions.create({ name: 'a', mailboxes: [MAILBOX] });
    const report = (folderId: string) =>
      bundle.sessions.recordScan(
        session.id,
        { mailboxId: MAILBOX, folderId },
        { found: 1, requeued: 1 },
      );
    expect(await report('inbox')).toBe(false);
    await bundle.sessions.close(session.id, FOLDERS);
    expect(await report('strange')).toBe(false);
    await bundle.sessions.cancel(session.id);
    expect(await report('inbox')).toBe(false);
    expect(await bundle.sessions.get(session.id)).toMatchObject({
      found: 0,
      scans: { done: 0, total: 2 },
    });
  });

  test('closing again keeps the first window and folders', async () => {
    await using bundle = await setup();
    const { session } = await bundle.sessions.create({ name: 'a', mailboxes: [MAILBOX] });
    const closed = await bundle.sessions.close(session.id, FOLDERS);
    bundle.clock.at += 1;
    expect(await bundle.sessions.close(session.id, [])).toEqual(closed);
  });

  test('only a closing session with nothing on its way finishes', async () => {
    await using bundle = await setup();
    const { session } = await bundle.sessions.create({ name: 'a', mailboxes: [MAILBOX] });
    expect(await bundle.sessions.finish(session.id)).toBe(false);
    expect(await bundle.sessions.unfinished()).toEqual([session.id]);
    await bundle.sessions.close(session.id, []);
    const outcomes = await Promise.all([1, 2, 3].map(() => bundle.sessions.finish(session.id)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await bundle.sessions.unfinished()).toEqual([]);
    await expect(bundle.sessions.cancel(session.id)).rejects.toBeInstanceOf(SessionStatusError);
    expect(await bundle.sessions.close(session.id, FOLDERS)).toMatchObject({ status: 'finished' });
  });

  test('says so when there is no such session', async () => {
    await using bundle = await setup();
    expect(await bundle.sessions.get('none')).toBeNull();
    await expect(bundle.sessions.close('none', [])).rejects.toBeInstanceOf(SessionNotFoundError);
    await expect(bundle.sessions.cancel('none')).rejects.toBeInstanceOf(SessionNotFoundError);
    expect(await bundle.sessions.finish('none')).toBe(false);
    expect(
      await bundle.sessions.recordScan('none', FOLDERS[0] ?? { mailboxId: '', folderId: '' }, {
        found: 0,
        requeued: 0,
      }),
    ).toBe(false);
  });

  test('keeps everything under its prefix, and no mailbox in a key', async () => {
    await using bundle = await setup();
    const sessions = new SessionStore(bundle.redis, { prefix: '{other}' });
    const { session } = await sessions.create({ name: 'a', mailboxes: ['me@example.com'] });
    await sessions.close(session.id, [{ mailboxId: 'me@example.com', folderId: 'inbox' }]);
    const keys = await bundle.redis.keys('*');
    expect(keys.every((key) => key.startsWith('{other}:session:'))).toBe(true);
    expect(keys.join()).not.toContain('example.com');
  });
});
