import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import { LookupIndex, MessageLinks } from '../src/index.ts';

const HOUR_MS = 3_600_000;
const RETENTION_MS = 35 * 24 * HOUR_MS;
const MAILBOXES = [
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
] as const;

async function setup() {
  const opened = await openRedis();
  const { redis } = opened;
  const clock = { ms: Date.parse('2026-11-20T12:10:00Z'), now: () => clock.ms };
  const options = { secret: 'a secret of some length', clock, retentionMs: RETENTION_MS };
  return {
    ...opened,
    clock,
    links: new MessageLinks(redis, options),
    index: new LookupIndex(redis, options),
  };
}

const keyOf = (n: number): string =>
  createHash('sha256').update(String(n)).digest().subarray(0, 16).toString('base64url');

/** Message n with the Message-ID `id`. */
const message = (n: number, id: string | null, mailboxId: string = MAILBOXES[0]) => ({
  key: keyOf(n),
  mailboxId,
  internetMessageId: id,
});
const first = { key: keyOf(1), mailbox: MAILBOXES[0] };

describe('MessageLinks', () => {
  test.each([
    ['in another mailbox', MAILBOXES[1]],
    ['under another id in the same one', MAILBOXES[0]],
    ['in a mailbox whose id is no GUID', 'ap@company.example'],
  ])(
    'links what comes again %s to what came first, in any order and however often it runs',
    async (_where, mailbox) => {
      await using bundle = await setup();
      const { links } = bundle;
      const [one, two] = [message(1, '<a@mail.example>'), message(2, '<a@mail.example>', mailbox)];
      // In one batch, then each alone and again, then a third.
      expect(await links.firstOf([one, message(9, '<b@mail.example>'), two])).toEqual([
        null,
        null,
        first,
      ]);
      expect(await links.firstOf([two])).toEqual([first]);
      expect(await links.firstOf([one])).toEqual([null]);
      expect(await links.firstOf([message(3, ' <a@mail.example> ')])).toEqual([first]);
      // The other way round.
      const [three, four] = [
        message(4, '<c@mail.example>', mailbox),
        message(5, '<c@mail.example>'),
      ];
      expect(await links.firstOf([three])).toEqual([null]);
      expect(await links.firstOf([four])).toEqual([{ key: keyOf(4), mailbox }]);
    },
  );

  test('links nothing that has no Message-ID, or another one', async () => {
    await using bundle = await setup();
    const ids = [null, null, '', ' ', '<a@mail.example>', '<A@mail.example>'];
    const firsts = await bundle.links.firstOf(ids.map((id, n) => message(n, id)));
    expect(firsts).toEqual(ids.map(() => null));
  });

  test('forgets the first with its ledger entry, and a bucket that nobody uses any more whole', async () => {
    await using bundle = await setup();
    const { links, clock, redis } = bundle;
    await links.firstOf([message(1, '<a@mail.example>')]);
    clock.ms += RETENTION_MS - HOUR_MS;
    expect(await links.firstOf([message(2, '<a@mail.example>')])).toEqual([first]);
    clock.ms += HOUR_MS;
    expect(await links.firstOf([message(2, '<a@mail.example>')])).toEqual([null]);
    expect(await links.firstOf([message(3, '<a@mail.example>')])).toEqual([
      { key: keyOf(2), mailbox: MAILBOXES[0] },
    ]);
    const buckets = await redis.keys('*:links:*');
    const lives = await Promise.all(buckets.map((bucket) => redis.pttl(bucket)));
    expect(lives).toEqual([expect.any(Number)]);
    expect(lives[0]).toBeGreaterThan(RETENTION_MS);
    expect(lives[0]).toBeLessThanOrEqual(RETENTION_MS + 24 * HOUR_MS);
  });

  test('forgets a person: nothing is linked to what was erased', async () => {
    await using bundle = await setup();
    const { links, index, redis } = bundle;
    await links.firstOf([message(1, '<a@mail.example>'), message(2, '<b@mail.example>')]);
    const gone = new Set([keyOf(1)]);
    expect(await index.remove(gone, { dryRun: true })).toBe(1);
    expect(await index.remove(gone)).toBe(1);
    expect(await index.remove(gone)).toBe(0);
    expect(
      await links.firstOf([message(3, '<a@mail.example>'), message(4, '<b@mail.example>')]),
    ).toEqual([null, { key: keyOf(2), mailbox: MAILBOXES[0] }]);
    expect(await redis.keys('*mail.example*')).toEqual([]);
  });
});
