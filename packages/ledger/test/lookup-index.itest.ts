import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import { LookupIndex } from '../src/index.ts';

const DAY_MS = 24 * 3_600_000;
const AT = Date.parse('2026-11-20T12:00:00Z');
const OTHER = '22222222-2222-4222-8222-222222222222';
const MAILBOX = '11111111-1111-4111-8111-111111111111';

async function setup() {
  const opened = await openRedis();
  const { redis } = opened;
  const clock = { now: () => AT };
  return {
    ...opened,
    index: new LookupIndex(redis, { secret: 'a secret of some length', clock }),
    stranger: new LookupIndex(redis, { secret: 'another secret', clock }),
  };
}

const keyOf = (n: number): string =>
  createHash('sha256').update(String(n)).digest().subarray(0, 16).toString('base64url');

const message = (n: number, changes: object = {}) => ({
  key: keyOf(n),
  mailboxId: MAILBOX,
  receivedAt: AT,
  internetMessageId: `<${n}@mail.example>`,
  sender: 'AR@Supplier.example',
  subject: `Rechnung Nr. ${n} für Müller`,
  ...changes,
});

const WINDOW = { from: AT - 2 * DAY_MS, to: AT };

describe('LookupIndex', () => {
  test('removes whatever a message is found by, on any day and of any secret, and nothing of others', async () => {
    await using bundle = await setup();
    const { index, stranger, redis } = bundle;
    const far = { receivedAt: AT + 400 * DAY_MS };
    await index.add([message(1), message(2), message(3, far)]);
    await index.add(Array.from({ length: 700 }, (_, n) => message(1_000 + n)));
    await index.add([message(1)]);
    const keys = await redis.keys('*lookup*');
    const ttls = await Promise.all(keys.map((key) => redis.pttl(key)));
    const gone = new Set([
      keyOf(1),
      keyOf(3),
      ...Array.from({ length: 600 }, (_, n) => keyOf(1_000 + n)),
    ]);

    const entries = await stranger.remove(gone, { dryRun: true });
    // Its place in the list, id, sender, and five words of each; one was added twice.
    expect(entries).toBeGreaterThan(7 * gone.size);
    expect(await index.find({ ...WINDOW, internetMessageId: '<1@mail.example>' })).toHaveLength(1);
    expect(await stranger.remove(gone)).toBe(entries);
    expect(await stranger.remove(gone)).toBe(0);
    expect(await index.find({ ...WINDOW, internetMessageId: '<1@mail.example>' })).toEqual([]);
    expect(await index.find({ ...WINDOW, sender: 'ar@supplier.example' })).toHaveLength(101);
    const left = await Promise.all(keys.map((key) => redis.getBuffer(key)));
    const bytes = Buffer.from(keyOf(3), 'base64url');
    expect(left.filter((one) => one?.includes(bytes))).toEqual([]);
    expect(await redis.keys('*lookup*')).toHaveLength(keys.length);
    for (const [n, key] of keys.entries()) {
      expect(await redis.pttl(key)).toBeLessThanOrEqual(ttls[n] ?? 0);
    }

    // What is indexed afterwards is found.
    await index.add([message(1)]);
    expect(await index.find({ ...WINDOW, internetMessageId: '<1@mail.example>' })).toHaveLength(1);
  });

  test('finds by Message-ID, sender, words in any order, case and accent, mailbox and day, each once', async () => {
    await using bundle = await setup();
    const { index } = bundle;
    const all = [
      message(101),
      message(102),
      message(103, { sender: 'other@supplier.example', receivedAt: AT - DAY_MS }),
    ];
    await index.add(all);
    await index.add(all.slice(0, 1));
    const find = async (query: object) => (await index.find({ ...WINDOW, ...query })).toSorted();
    const keys = (...numbers: number[]) => numbers.map(keyOf).toSorted();
    expect(await find({ internetMessageId: '<102@mail.example>' })).toEqual(keys(102));
    expect(await find({ internetMessageId: ' 102@mail.example ' })).toEqual(keys(102));
    expect(await find({ sender: 'ar@supplier.EXAMPLE' })).toEqual(keys(101, 102));
    expect(await find({ words: 'muller RECHNUNG' })).toEqual(keys(101, 102, 103));
    expect(await find({ words: '101 rechnung', sender: 'ar@supplier.example' })).toEqual(keys(101));
    expect(await find({ mailboxId: MAILBOX.toUpperCase() })).toEqual(keys(101, 102, 103));
    expect(await find({ mailboxId: MAILBOX, from: AT })).toEqual(keys(101, 102));
    expect(await find({ words: '101 rechnung', mailboxId: MAILBOX })).toEqual(keys(101));
    expect(await find({ words: 'rechnung', mailboxId: OTHER })).toEqual([]);
    expect(await find({ words: 'mahnung' })).toEqual([]);
    expect(await find({})).toEqual([]);
  });

  test('tells nothing without the secret: no word, no address, and no hash that can be made', async () => {
    await using bundle = await setup();
    await bundle.index.add([message(1)]);
    expect(await bundle.stranger.find({ ...WINDOW, sender: 'ar@supplier.example' })).toEqual([]);
    const values = await Promise.all(
      (await bundle.redis.keys('*')).map(async (key) => `${key} ${await bundle.redis.get(key)}`),
    );
    expect(values.join(' ')).not.toMatch(/supplier|rechnung|mail\.example/i);
  });

  test('keeps a day for as long as the ledger keeps its messages', async () => {
    await using bundle = await setup();
    await bundle.index.add([message(1), message(2, { receivedAt: AT - 40 * DAY_MS })]);
    const names = await bundle.redis.keys('*');
    expect(names.every((name) => name.includes(`lookup:${Math.floor(AT / DAY_MS)}:`))).toBe(true);
    for (const name of names) {
      const expiresAt = await bundle.redis.pexpiretime(name);
      expect(expiresAt).toBe((Math.floor(AT / DAY_MS) + 36) * DAY_MS);
    }
  });

  test('asks for the days of which there can be mail, however many are asked for', async () => {
    await using bundle = await setup();
    const { index, redis } = bundle;
    await index.add([message(1)]);
    const always = { from: 0, to: AT + 10_000 * DAY_MS };
    expect(await index.find({ sender: 'ar@supplier.example', ...always })).toEqual([keyOf(1)]);
    const calls = /cmdstat_mget:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1];
    expect(Number(calls)).toBeLessThan(40);
  });

  test('costs little more than its 21 bytes an entry once a day has some', async () => {
    await using bundle = await setup();
    for (let start = 0; start < 20_000; start += 500) {
      await bundle.index.add(Array.from({ length: 500 }, (_, n) => message(start + n)));
    }
    const names = await bundle.redis.keys('*');
    const bytes = await Promise.all(names.map((name) => bundle.redis.memory('USAGE', name)));
    const each = bytes.reduce<number>((sum, one) => sum + (one ?? 0), 0) / 20_000;
    // Message-ID, sender, three words of the subject and two of the domain are 7 entries, and one of the list; a string
    // that grows is up to twice its length.
    expect(each).toBeLessThan(2 * (7 * 21 + 24));
  });

  test('finds what people remember of it, and not what only looks like it', async () => {
    await using bundle = await setup();
    const { index } = bundle;
    const mail = {
      senderName: 'Contoso Energía S.A.',
      sender: 'noreply@mail.contoso.example',
      files: ['Rechnung_Oktober.pdf'],
    };
    await index.add([
      message(1, { ...mail, subject: 'Ihre Abrechnung RE-2026-4711' }),
      message(2, { ...mail, subject: 'Ihre Abrechnung RE20264712' }),
      message(3, { subject: 'Abrechnung 0004713 für Müller & Söhne' }),
    ]);
    const finds = async (words: string): Promise<number[]> => {
      const found = await index.find({ ...WINDOW, words });
      return [1, 2, 3].filter((n) => found.includes(keyOf(n)));
    };
    const seen = Object.fromEntries(
      await Promise.all(Object.keys(FOUND).map(async (words) => [words, await finds(words)])),
    );
    expect(seen).toEqual(FOUND);
  });

  test('lists a day newest first, of a mailbox or of all, in pages that nothing shifts', async () => {
    await using bundle = await setup();
    const { index } = bundle;
    const day = Array.from({ length: 100 }, (_, n) =>
      message(n, {
        mailboxId: n % 5 === 0 ? OTHER : MAILBOX,
        // Many came in one second.
        receivedAt: AT + (n % 7) * 60_000,
        isSkipped: n === 3,
      }),
    );
    await index.add(day);
    await index.add(day.slice(0, 20));
    await index.add([message(900, { receivedAt: AT - DAY_MS })]);
    const seen: string[] = [];
    let last: { at: number; key: string } | undefined;
    for (let page = 0; page < 12; page += 1) {
      const list = await index.listed(AT);
      let taken = 0;
      for (const one of list.newestFirst(last)) {
        if (taken === 10) break;
        taken += 1;
        seen.push(one.key);
        last = one;
      }
      // What comes meanwhile, and is older, comes later; what is newer shifts nothing.
      if (page === 5) await index.add([message(800, { receivedAt: AT + 3_600_000 })]);
      if (page === 5) await index.add([message(801, { receivedAt: AT - 60_000 })]);
    }
    const order = new Map(day.map(({ key, receivedAt }) => [key, receivedAt]));
    expect(seen).toHaveLength(101);
    expect(new Set(seen).size).toBe(101);
    const times = seen.map((key) => order.get(key) ?? AT - 60_000);
    expect(times).toEqual(times.toSorted((a, b) => b - a));

    const own = [...(await index.listed(AT, OTHER)).newestFirst()];
    expect(own.map(({ key }) => key).toSorted()).toEqual(
      day.flatMap(({ key, mailboxId }) => (mailboxId === OTHER ? [key] : [])).toSorted(),
    );
    expect(new Set(own.map(({ mailbox }) => mailbox))).toEqual(new Set([index.tagOf(OTHER)]));
    const list = await index.listed(AT);
    expect(list.get(keyOf(3))).toMatchObject({ isSkipped: true, isReceived: true });
    expect(list.get(keyOf(4))).toEqual({
      key: keyOf(4),
      mailbox: index.tagOf(MAILBOX),
      at: AT + 4 * 60_000,
      isSkipped: false,
      isReceived: true,
    });
    expect(list.get(keyOf(900))).toBeUndefined();

    await index.remove(new Set([keyOf(3)]));
    expect((await index.listed(AT)).get(keyOf(3))).toBeUndefined();
    expect([...(await index.listed(AT)).newestFirst()]).toHaveLength(101);
  });
});

/** Questions, and which of three mails they find. */
const FOUND = {
  '4711': [1],
  're-2026-4711': [1],
  RE20264711: [1],
  're 4711': [1],
  '2026 4711 re': [1],
  '4712': [],
  'RE-2026-4712': [2],
  '20264712': [2],
  'RE 20264712': [2],
  '4713': [3],
  '0004713': [3],
  '00004713': [3],
  'abrechnung ihre': [1, 2],
  MÜLLER: [3],
  mueller: [3],
  sohne: [3],
  contoso: [1, 2],
  'contoso energia': [1, 2],
  '@contoso.example': [1, 2],
  'mail.contoso.example': [1, 2],
  'contoso 4711': [1],
  'rechnung oktober': [1, 2],
  'Rechnung_Oktober.pdf': [1, 2],
  'contoso mahnung': [],
  x: [],
  re: [],
} satisfies Record<string, number[]>;
