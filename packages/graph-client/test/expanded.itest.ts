import { describe, expect, test } from '@jest/globals';
import { aGraphMessage } from '@ms1/testkit';

import { type Answer, error, type SeenRequest, setup } from './graph-server.ts';

const MAILBOX = '11111111-1111-4111-8111-111111111111';
const FILE = {
  '@odata.type': '#microsoft.graph.fileAttachment',
  id: 'a',
  name: 'i.pdf',
  contentType: 'application/pdf',
  size: 9,
  isInline: false,
};
const EXPAND = 'attachments($select=id,name,contentType,size,isInline,lastModifiedDateTime)';

type Bundle = Awaited<ReturnType<typeof setup>>;

const idOf = (url: string): string => decodeURIComponent(/messages\/([^/?]+)/.exec(url)?.[1] ?? '');
/** What is asked for of each message: itself with its files, itself, or its files. */
const kindOf = (url: string): string => {
  if (url.includes('/attachments?')) return 'files';
  return url.includes('$expand=') ? 'expanded' : 'message';
};

/** Answers for each message, alone or in a $batch. */
const each =
  (itemOf: (url: string) => Answer) =>
  (request: SeenRequest): Answer => {
    if (!request.url.endsWith('/$batch')) return itemOf(request.url);
    const { requests } = request.body as { requests: { id: string; url: string }[] };
    const responses = requests.map(({ id, url }) => ({ id, status: 200, ...itemOf(url) }));
    return { body: { responses } };
  };

const asked = ({ seen }: Bundle): string[] =>
  seen.flatMap(({ url, body }) => {
    const { requests } = (body ?? {}) as { requests?: { url: string }[] };
    return (requests ?? [{ url }]).map((one) => kindOf(one.url));
  });

const read = (bundle: Bundle, ids: string[], isKnown = false) =>
  bundle.graph.expanded.messages.read(
    ids.map((messageId) => ({ mailboxId: MAILBOX, messageId, isKnown })),
  );

const filesOf = async (results: ReturnType<typeof read>) =>
  (await results).map((result) =>
    result.ok ? result.value.attachments.map(({ name }) => name) : result.error.code,
  );

/** As Graph answers without the expansion. */
const plainly = (url: string): Answer =>
  kindOf(url) === 'files'
    ? { body: { value: [FILE, FILE] } }
    : { body: { ...aGraphMessage({ id: idOf(url) }), hasAttachments: true } };

const expanded = (url: string, attachments: unknown, more: object = {}): Answer => ({
  body: { ...aGraphMessage({ id: idOf(url) }), hasAttachments: true, attachments, ...more },
});

describe('messages with their files', () => {
  test('are one request each, without bytes', async () => {
    await using bundle = await setup(each((url) => expanded(url, [FILE])));
    expect(await filesOf(read(bundle, ['1', '2']))).toEqual([['i.pdf'], ['i.pdf']]);
    expect(asked(bundle)).toEqual(['expanded', 'expanded']);
    expect(bundle.counted).toEqual({ message: 2 });
    await filesOf(read(bundle, ['3']));
    expect(new URL(bundle.seen[1]?.url ?? '', bundle.origin).searchParams.get('$expand')).toBe(
      EXPAND,
    );
  });

  test('have those behind a link too', async () => {
    await using bundle = await setup(({ url, headers }) =>
      url.includes('skip')
        ? { body: { value: [FILE] } }
        : expanded(url, [FILE], {
            'attachments@odata.nextLink': `http://${headers.host}/v1.0/users/${MAILBOX}/messages/1/attachments?$skip=1`,
          }),
    );
    expect(await filesOf(read(bundle, ['1']))).toEqual([['i.pdf', 'i.pdf']]);
    expect(bundle.counted).toEqual({ message: 1, attachments: 1 });
  });

  test.each<[string, string, (url: string) => Answer]>([
    ['bytes', 'bytes', (url) => expanded(url, [{ ...FILE, contentBytes: 'AAAA' }])],
    ['no such member', 'missing', (url) => expanded(url, undefined)],
    [
      'a refusal',
      'refused',
      () => ({ status: 400, body: { error: { code: 'X', message: 'not with $expand' } } }),
    ],
  ])('with %s: the mailbox is read plainly, told once', async (_, reason, answer) => {
    await using bundle = await setup(
      each((url) => (kindOf(url) === 'expanded' ? answer(url) : plainly(url))),
    );
    await filesOf(read(bundle, ['1', '2']));
    expect(bundle.refusals).toMatchObject([{ mailboxId: MAILBOX, reason }]);
    bundle.seen.length = 0;
    expect(await filesOf(read(bundle, ['3']))).toEqual([['i.pdf', 'i.pdf']]);
    expect(await filesOf(read(bundle, ['4'], true))).toEqual([['i.pdf', 'i.pdf']]);
    expect(asked(bundle)).toEqual(['message', 'files', 'files']);
    expect(bundle.graph.expanded.pages.sizeOf(MAILBOX)).toBe(1);
    expect(bundle.refusals).toHaveLength(1);
  });

  test('that say they have some and list none are listed; only where there are any the mailbox is read plainly', async () => {
    let files: object[] = [];
    await using bundle = await setup(
      each((url) => (kindOf(url) === 'files' ? { body: { value: files } } : expanded(url, []))),
    );
    expect(await filesOf(read(bundle, ['1']))).toEqual([[]]);
    expect(asked(bundle)).toEqual(['expanded', 'files']);
    expect(bundle.refusals).toEqual([]);
    files = [FILE];
    expect(await filesOf(read(bundle, ['2']))).toEqual([['i.pdf']]);
    expect(bundle.refusals).toMatchObject([{ mailboxId: MAILBOX, reason: 'missing' }]);
  });

  test.each<[string, Answer]>([
    ['takes too long', { status: 504, body: {} }],
    ['is refused', error(400, 'ErrorInvalidRequest')],
    ['cannot be read', { body: {} }],
  ])('of which one %s with them: it is asked for plainly, and no other', async (_, answer) => {
    await using bundle = await setup(
      each((url) => {
        if (kindOf(url) !== 'expanded') return plainly(url);
        return idOf(url) === '1' ? answer : expanded(url, [FILE]);
      }),
    );
    expect(await filesOf(read(bundle, ['1', '2']))).toEqual([['i.pdf', 'i.pdf'], ['i.pdf']]);
    expect(asked(bundle).slice(-2)).toEqual(['message', 'files']);
    expect(bundle.refusals).toEqual([]);
  });

  test('of which none can be read with them: the mailbox is read plainly after ten', async () => {
    await using bundle = await setup(
      each((url) => (kindOf(url) === 'expanded' ? { status: 504, body: {} } : plainly(url))),
    );
    const ids = Array.from({ length: 10 }, (_, n) => String(n));
    await filesOf(read(bundle, ids.slice(1)));
    expect(bundle.refusals).toEqual([]);
    await filesOf(read(bundle, ids.slice(0, 1)));
    expect(bundle.refusals).toMatchObject([{ mailboxId: MAILBOX, reason: 'refused' }]);
  });

  test('that got no answer are asked for plainly the next time', async () => {
    await using bundle = await setup(
      each((url) => (kindOf(url) === 'expanded' ? error(502, 'BadGateway') : plainly(url))),
    );
    expect(await filesOf(read(bundle, ['1']))).toEqual(['graph_transient']);
    expect(await filesOf(read(bundle, ['1']))).toEqual([['i.pdf', 'i.pdf']]);
    // Retries of the policy left aside.
    expect([...new Set(asked(bundle))]).toEqual(['expanded', 'message', 'files']);
  });

  test('that are gone say so themselves, also where only their files were asked for', async () => {
    const gone = error(404, 'ErrorItemNotFound');
    await using bundle = await setup(
      each((url) => (kindOf(url) === 'expanded' ? { body: {} } : gone)),
    );
    const [result] = await read(bundle, ['1'], true);
    expect(result?.ok === false && result.error).toMatchObject({
      code: 'graph_not_found',
      asked: 'message',
    });
  });
});

describe('a page of messages with their files', () => {
  const page = (bundle: Bundle, more: object = {}) =>
    bundle.graph.expanded.pages.read({
      mailboxId: MAILBOX,
      folderId: 'inbox',
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-02T00:00:00.000Z',
      link: null,
      size: 1_000,
      idsOnly: false,
      headers: false,
      priority: 'live',
      signal: new AbortController().signal,
      ...more,
    });
  const item = (id: string, more: object) => ({ ...aGraphMessage({ id }), ...more });
  const tops = ({ seen, origin }: Bundle) =>
    seen.map(({ url }) => Number(new URL(url, origin).searchParams.get('$top')));

  test('is one request for a window of a folder, oldest first', async () => {
    await using bundle = await setup(() => ({
      body: { value: [item('1', { attachments: [FILE] }), item('2', { attachments: [] })] },
    }));
    const { messages, nextLink, bytes } = await page(bundle);
    expect(messages.map(({ id, attachments }) => [id, attachments?.length])).toEqual([
      ['1', 1],
      ['2', 0],
    ]);
    expect(nextLink).toBe(null);
    expect(bytes).toBeGreaterThan(500);
    const { pathname, searchParams } = new URL(bundle.seen[0]?.url ?? '', bundle.origin);
    expect(pathname).toBe(`/v1.0/users/${MAILBOX}/mailFolders/inbox/messages`);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      $filter:
        'receivedDateTime ge 2026-01-01T00:00:00.000Z and receivedDateTime le 2026-01-02T00:00:00.000Z',
      $orderby: 'receivedDateTime',
      $top: '50',
      $expand: EXPAND,
    });
    await page(bundle, { folderId: undefined, to: null, idsOnly: true });
    const whole = new URL(bundle.seen[1]?.url ?? '', bundle.origin);
    expect(whole.pathname).toBe(`/v1.0/users/${MAILBOX}/messages`);
    expect(whole.searchParams.get('$select')).toBe('id,receivedDateTime,hasAttachments');
  });

  test('has the headers of its messages where they are wanted, and does not count them as kept', async () => {
    const internetMessageHeaders = [{ name: 'Authentication-Results', value: 'x'.repeat(5_000) }];
    await using bundle = await setup(({ url }) => {
      const more = url.includes('internetMessageHeaders') ? { internetMessageHeaders } : {};
      return { body: { value: [item('1', { attachments: [FILE], ...more })] } };
    });
    const without = await page(bundle);
    const { messages, bytes } = await page(bundle, { headers: true });
    expect(messages[0]?.message?.internetMessageHeaders).toEqual(internetMessageHeaders);
    expect(Math.abs(bytes - without.bytes)).toBeLessThan(100);
    await page(bundle, { headers: true, idsOnly: true });
    const selected = bundle.seen.map(({ url }) =>
      new URL(url, bundle.origin).searchParams.get('$select'),
    );
    expect(selected[0]).not.toContain('internetMessageHeaders');
    expect(selected[2]).toBe('id,receivedDateTime,hasAttachments,from,internetMessageHeaders');
  });

  test('does not tell of what it shows in part, or in contradiction', async () => {
    await using bundle = await setup(() => ({
      body: {
        value: [
          item('some', { attachments: [FILE], 'attachments@odata.nextLink': 'https://x.example' }),
          item('doubtful', { attachments: [], hasAttachments: true }),
          item('all', { attachments: [FILE] }),
        ],
      },
    }));
    const { messages } = await page(bundle);
    expect(messages.map(({ attachments }) => attachments?.length)).toEqual([
      undefined,
      undefined,
      1,
    ]);
    expect(bundle.refusals).toEqual([]);
  });

  test.each([
    ['missing', item('1', {})],
    ['bytes', item('1', { attachments: [{ ...FILE, contentBytes: 'AAAA' }] })],
  ])('that has files %s is the last of its mailbox for an hour', async (reason, value) => {
    await using bundle = await setup(() => ({ body: { value: [value] } }));
    await page(bundle);
    expect(bundle.refusals).toMatchObject([{ mailboxId: MAILBOX, reason }]);
    expect(bundle.graph.expanded.pages.sizeOf(MAILBOX)).toBe(1);
  });

  test('is half as large after one that took too long, and slowly larger after each that did well', async () => {
    await using bundle = await setup((_, index) =>
      index < 2 ? error(504, 'UnknownError') : { body: { value: [] } },
    );
    for (let n = 0; n < 2; n += 1) await page(bundle).catch(() => undefined);
    for (let n = 0; n < 6; n += 1) await page(bundle);
    // Not as large again as what has failed.
    expect(tops(bundle)).toEqual([50, 25, 12, 15, 19, 24, 24, 24]);
  });

  test('is half as large after one of more than 4 MB, which is used', async () => {
    const bodyPreview = 'x'.repeat(5_000_000);
    await using bundle = await setup(() => ({
      body: { value: [item('1', { attachments: [], bodyPreview })] },
    }));
    expect((await page(bundle)).messages).toHaveLength(1);
    await page(bundle);
    expect(tops(bundle)).toEqual([50, 25]);
  });

  test('keeps its size where nobody could ask, or the mailbox is held', async () => {
    await using bundle = await setup(() => error(429, 'TooManyRequests'));
    await expect(page(bundle)).rejects.toMatchObject({ code: 'graph_throttled' });
    expect(bundle.graph.expanded.pages.sizeOf(MAILBOX)).toBe(50);
  });
});
