import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';

import { consoleBundle, MAILBOXES } from './console-bundle.ts';

const keyOf = (n: number): string =>
  createHash('sha256').update(`${n}`).digest().subarray(0, 16).toString('base64url');

test('lists mail by mailbox, day, state, reason and session, newest first, page by page', async () => {
  await using bundle = await consoleBundle();
  const { clock, ledger, lookup } = bundle;
  const [first = '', second = ''] = MAILBOXES;
  const at = Math.floor(clock.at / 1_000) * 1_000;
  const mail = Array.from({ length: 60 }, (_, n) => ({
    key: keyOf(n),
    mailboxId: n % 3 === 0 ? second : first,
    receivedAt: at - n * 3_600_000,
    internetMessageId: null,
    sender: null,
    subject: null,
    isSkipped: n % 10 === 0,
  }));
  await lookup.add(mail);
  await ledger.record(
    mail.map(({ key, receivedAt, isSkipped }, n) => ({
      key,
      state: isSkipped ? ('skipped' as const) : ('delivered' as const),
      at,
      receivedAt,
      ...(isSkipped && { reason: n === 20 ? 'source_deleted' : 'rule_sender' }),
      ...(n < 5 && { sessionId: 'night' }),
    })),
  );
  const all = async (query: string): Promise<number[]> => {
    const seen: number[] = [];
    let next: string | undefined = `/messages?${query}&limit=7`;
    while (next !== undefined) {
      const { body, headers } = await bundle.api('GET', next);
      const messages = body as unknown as { key: string }[];
      seen.push(...messages.map(({ key }) => mail.findIndex((one) => one.key === key)));
      next = /<\/api([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    }
    return seen;
  };
  const numbers = (fits: (n: number) => boolean): number[] => [...mail.keys()].filter(fits);
  expect(await all('')).toEqual(numbers(() => true));
  expect(await all(`mailboxId=${second}`)).toEqual(numbers((n) => n % 3 === 0));
  expect(await all('state=skipped')).toEqual(numbers((n) => n % 10 === 0));
  expect(await all('state=skipped&reason=source_deleted')).toEqual([20]);
  expect(await all('sessionId=night')).toEqual([0, 1, 2, 3, 4]);
  const [from, to] = [at - 30 * 3_600_000, at - 10 * 3_600_000].map((ms) =>
    new Date(ms).toISOString(),
  );
  expect(await all(`from=${from}&to=${to}`)).toEqual(numbers((n) => n >= 10 && n <= 30));
  const { body } = await bundle.api('GET', '/messages?limit=1');
  expect((body as unknown as object[])[0]).toMatchObject({
    mailbox: { id: second },
    state: 'skipped',
    receivedAt: new Date(at).toISOString(),
  });
});

test('mail that died before anybody knew when it came is listed by when it was noticed, and in one place once it was read', async () => {
  await using bundle = await consoleBundle();
  const { clock, ledger, lookup } = bundle;
  const at = Math.floor(clock.at / 1_000) * 1_000;
  const [MAILBOX = ''] = MAILBOXES;
  const mail = { key: keyOf(1), mailboxId: MAILBOX, internetMessageId: null, sender: null };
  const listed = async () =>
    (await bundle.api('GET', '/messages')).body as unknown as { receivedAt: string }[];
  await lookup.add([{ ...mail, subject: null, receivedAt: at, isReceived: false }]);
  await ledger.record([{ key: mail.key, state: 'queued', at }]);
  await ledger.record([{ key: mail.key, state: 'dead', at, reason: 'graph_request' }]);
  expect(await listed()).toMatchObject([
    { state: 'dead', reason: 'graph_request', receivedAt: new Date(at).toISOString() },
  ]);
  const receivedAt = at - 7_200_000;
  await ledger.reopen([mail.key]);
  await lookup.add([{ ...mail, subject: null, receivedAt }]);
  await ledger.record([{ key: mail.key, state: 'prepared', at: at + 1_000, receivedAt }]);
  expect(await listed()).toMatchObject([
    { state: 'prepared', receivedAt: new Date(receivedAt).toISOString() },
  ]);
});

test('pages are of what the first one listed, and the first of what there is now', async () => {
  await using bundle = await consoleBundle();
  const { clock, ledger, lookup } = bundle;
  const [mailboxId = ''] = MAILBOXES;
  // Noon, so that a minute later is the same day.
  clock.at = Math.floor(clock.at / 86_400_000) * 86_400_000 + 43_200_000;
  const has = async (n: number, receivedAt: number) => {
    const mail = { key: keyOf(n), mailboxId, receivedAt, internetMessageId: null };
    await lookup.add([{ ...mail, sender: null, subject: null }]);
    await ledger.record([{ key: mail.key, state: 'delivered', at: receivedAt, receivedAt }]);
  };
  const page = async (path: string) => {
    const { body, headers } = await bundle.api('GET', path);
    const next = /<\/api([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? '';
    return { keys: (body as unknown as { key: string }[]).map(({ key }) => key), next };
  };
  for (let n = 0; n < 4; n += 1) await has(n, clock.at - n * 60_000);
  const first = await page('/messages?limit=2');
  // What was received between the rows of the next page is prepared only now.
  await has(9, clock.at - 150_000);
  expect((await page(first.next)).keys).toEqual([keyOf(2), keyOf(3)]);
  expect((await page('/messages?limit=9')).keys).toEqual([0, 1, 2, 9, 3].map(keyOf));
  // That was a first page, so it is the one to go on in.
  expect((await page(first.next)).keys).toEqual([keyOf(2), keyOf(9)]);
  await has(8, clock.at - 140_000);
  clock.at += 60_001;
  expect((await page(first.next)).keys).toEqual([keyOf(2), keyOf(8)]);
});
