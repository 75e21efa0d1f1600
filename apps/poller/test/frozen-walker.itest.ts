import { afterAll, describe, expect, test } from '@jest/globals';
import { LeaseStore } from '@ms1/coordination';
import type { FolderPage } from '@ms1/graph-client';
import { CursorStore } from '@ms1/mailboxes';
import { openRedis, until } from '@ms1/testkit';
import { pollFolder } from '../src/polling/poll-folder.ts';
import { aPage } from './a-page.ts';

const LEASE_MS = 60_000;

const opened = await openRedis();
const { redis } = opened;
afterAll(async () => opened[Symbol.asyncDispose]());

/**
 * One walker is frozen while Graph answers it, past its lease; another walks the folder to its end; then
 * the first one thaws. With `isFenced` false a write counts whoever holds the lease.
 */
async function freeze(folderId: string, isFenced: boolean) {
  const folder = { tenantId: 't', mailboxId: 'm', folderId };
  const leases = new LeaseStore(redis);
  const cursors = new CursorStore(redis);
  let thaw: () => void = () => undefined;
  const frozen = new Promise<void>((resolve) => (thaw = resolve));
  const walkers: number[] = [];
  let any = Date.now();

  const poll = (name: string, pages: Record<string, [link: string, last: boolean]>) =>
    pollFolder(
      {
        folders: {
          async deltaPage({ link }): Promise<FolderPage> {
            const [next, last] = pages[link ?? 'first'] ?? ['nowhere', true];
            if (name === 'frozen') await frozen;
            return aPage([], last ? { deltaLink: next } : { nextLink: next });
          },
        },
        producer: { notice: async () => ({ added: 0, known: 0, before: [] }) },
        sessions: { activeSessionOf: async () => null },
        clock: { now: () => Date.now() },
        pageSize: 10,
        pagesMax: 10,
        since: '2026-01-01T00:00:00Z',
        settleRemoved: async () => ({ moved: 0, gone: 0 }),
        afterWalk: async () => false,
        relook: async () => ({ listed: 0, added: 0, missing: 0 }),
        lease: async (walked) => {
          const lease = await leases.acquire(walked.folderId, LEASE_MS);
          if (lease) walkers.push(lease.fence);
          return lease;
        },
        cursors: {
          read: (walked, fence) => cursors.read(walked, isFenced ? fence : undefined),
          write: async (walked, position, fence) => {
            if (!isFenced) await cursors.read(walked, (any += 1_000_000));
            await cursors.write(walked, position, isFenced ? fence : any);
          },
        },
      },
      folder,
      new AbortController().signal,
    );

  const first = poll('frozen', { first: ['page-2', false], 'page-2': ['delta-1', true] });
  await until(() => walkers.length === 1, { what: 'the first walker holds the lease' });
  expect((await poll('second', { first: ['delta-2', true] })).kind).toBe('busy');
  // Its time passes, on Redis's clock.
  for (const key of await redis.keys('*:lease:holder:*')) await redis.pexpire(key, 1);
  const second = await until(
    async () => {
      const outcome = await poll('second', { first: ['delta-2', true] }).catch(() => null);
      return outcome?.kind === 'walked' ? outcome : null;
    },
    { what: 'the second walker takes over' },
  );
  expect((await cursors.read(folder))?.link).toBe('delta-2');
  thaw();
  const outcome = await first.catch((error: Error) => ({ kind: error.name }));
  return { second, outcome, link: (await cursors.read(folder))?.link };
}

describe('a walker that is frozen past its lease', () => {
  test('does not walk beside the next one, and can not put the position back', async () => {
    const { outcome, link } = await freeze('fenced', true);
    expect([outcome.kind, link]).toEqual(['lost', 'delta-2']);
  });

  test('negative control: without the fence it puts the position back', async () => {
    const { link } = await freeze('unfenced', false);
    expect(link).not.toBe('delta-2');
  });
});
