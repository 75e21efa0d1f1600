import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { expect, test } from '@jest/globals';

import { consoleBundle, MAILBOXES } from './console-bundle.ts';

const MAIL = 100_000;
const DAYS = 10;
const DAY_MS = 24 * 3_600_000;
const [MAILBOX = '', OTHER = ''] = MAILBOXES;
const keyOf = (n: number): string =>
  createHash('sha256').update(`${n}`).digest().subarray(0, 16).toString('base64url');
const STATES = ['skipped', 'dead', 'delivered'] as const;
const stateOf = (n: number) => STATES[n % 50 === 0 ? 0 : n % 97 === 0 ? 1 : 2] ?? 'delivered';

/** 100,000 messages of ten days: most are delivered, one in fifty was skipped, one in a hundred is dead. */
async function setup() {
  const bundle = await consoleBundle();
  const { clock, ledger, lookup } = bundle;
  const newest = Math.floor(clock.at / DAY_MS) * DAY_MS - 1_000;
  const step = (DAYS * DAY_MS) / MAIL;
  for (let start = 0; start < MAIL; start += 5_000) {
    const some = Array.from({ length: 5_000 }, (_, n) => start + n);
    const of = (n: number) => ({ key: keyOf(n), receivedAt: newest - Math.floor(n * step) });
    await lookup.add(
      some.map((n) => ({
        ...of(n),
        mailboxId: n % 3 === 0 ? OTHER : MAILBOX,
        internetMessageId: null,
        sender: null,
        subject: null,
        isSkipped: stateOf(n) === 'skipped',
      })),
    );
    await ledger.record(
      some.map((n) => {
        const state = stateOf(n);
        const reason = { skipped: 'rule_size', dead: 'ms4_500', delivered: undefined }[state];
        return { ...of(n), state, at: newest, ...(reason && { reason }) };
      }),
    );
  }
  const monitor = await bundle.redis.monitor();
  const seen: { command: string; keys: string[] }[] = [];
  const marks = new EventEmitter();
  monitor.on('monitor', (_: string, [command = '', ...keys]: string[]) => {
    if (command === 'echo') marks.emit(keys[0] ?? '');
    if (/^m?get$/i.test(command)) seen.push({ command, keys });
  });
  /** commands since the last time, of the list and of the ledger */
  const commands = async (): Promise<{ lists: number; all: number }> => {
    const mark = randomUUID();
    await Promise.all([once(marks, mark), bundle.redis.echo(mark)]);
    const read = seen.splice(0);
    const of = (which: RegExp) => read.filter(({ keys: [key = ''] }) => which.test(key)).length;
    return { lists: of(/:lookup:/), all: of(/:(?:ledger|lookup):/) };
  };
  return {
    ...bundle,
    newest,
    /**
     * All pages of a question: rows, and of each page the commands that read, and lists of them.
     *
     * @param options.restMs that somebody looks at each page
     */
    async pages(query: string, { restMs = 0 } = {}) {
      const rows: string[] = [];
      const read: number[] = [];
      const lists: number[] = [];
      let next: string | undefined = `/messages?limit=50&${query}`;
      while (next !== undefined && read.length < 12) {
        await commands();
        const { body, headers } = await bundle.api('GET', next);
        const sent = await commands();
        read.push(sent.all);
        lists.push(sent.lists);
        clock.at += restMs;
        rows.push(...(body as unknown as { key: string }[]).map(({ key }) => key));
        next = /<\/api([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
      }
      return { rows, read, lists };
    },
    async [Symbol.asyncDispose]() {
      monitor.disconnect();
      await bundle[Symbol.asyncDispose]();
    },
  };
}

test('of 100,000 messages a page by state and day reads what it shows, and not the rest', async () => {
  await using bundle = await setup();
  const day = (n: number): string => {
    const from = bundle.newest - n * DAY_MS - DAY_MS + 1_000;
    const [a, b] = [from, from + DAY_MS - 1_000].map((ms) => new Date(ms).toISOString());
    return `from=${a}&to=${b}`;
  };
  const inOrder = (fits: (n: number) => boolean): string[] =>
    Array.from({ length: MAIL }, (_, n) => n)
      .filter(fits)
      .map(keyOf);
  // One command for the list of a day (no mail of today, nor of tomorrow), and one for the fifty.
  const newest = await bundle.pages('');
  expect(newest.rows).toHaveLength(600);
  expect(Math.max(...newest.read)).toBeLessThanOrEqual(4);
  const delivered = await bundle.pages(`state=delivered&${day(5)}`);
  expect(Math.max(...delivered.read)).toBeLessThanOrEqual(2);
  // The day is read and sorted for the first page, and every other goes on in it.
  expect(delivered.lists).toEqual([1, ...Array.from({ length: 11 }, () => 0)]);
  // Control: who takes longer than it is kept has it read for each.
  const slowly = await bundle.pages(`state=delivered&${day(5)}`, { restMs: 60_001 });
  expect(slowly.lists).toEqual(Array.from({ length: 12 }, () => 1));
  expect(slowly.rows).toEqual(delivered.rows);
  // A day of 10,000 has a hundred dead: fifty of them are within half of it, 250 a command.
  const dead = await bundle.pages(`state=dead&${day(3)}`);
  const perDay = MAIL / DAYS;
  const onDay = (n: number, which: number): boolean => Math.floor(n / perDay) === which;
  expect(dead.rows).toEqual(inOrder((n) => onDay(n, 3) && stateOf(n) === 'dead'));
  expect(Math.max(...dead.read)).toBeLessThanOrEqual(1 + perDay / 250);
  // The list knows what was skipped: nothing else is asked for.
  const skipped = await bundle.pages(`state=skipped&${day(7)}&mailboxId=${MAILBOX}`);
  expect(skipped.rows).toEqual(
    inOrder((n) => onDay(n, 7) && stateOf(n) === 'skipped' && n % 3 !== 0),
  );
  // Of what is nowhere a page looks at 10,000, and at the lists of three days.
  const none = await bundle.pages('state=queued');
  expect(none.rows).toEqual([]);
  expect(Math.max(...none.read)).toBeLessThanOrEqual(3 + 10_000 / 250);
});
