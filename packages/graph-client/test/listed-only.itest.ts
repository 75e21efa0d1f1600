import { describe, expect, test } from '@jest/globals';

import { type SeenRequest, setup } from './graph-server.ts';

const MAILBOX = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';

const refs = (mailboxId: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ mailboxId, messageId: `m${index}` }));

const itemsOf = (request: SeenRequest | undefined) =>
  (request?.body as { requests: { id: string; url: string }[] } | undefined)?.requests ?? [];

describe('a mailbox that is not listed', () => {
  const onlyFirst = (id: string): boolean => id === MAILBOX;
  const everything = async ({ graph }: Awaited<ReturnType<typeof setup>>) => {
    const other = { mailboxId: OTHER, folderId: 'inbox', pageSize: 1, link: null };
    const subscription = {
      ...other,
      notificationUrl: 'https://us.example',
      clientState: 's',
      expiresAt: 0,
    };
    const codes = [
      ...(await graph.messages.messages(refs(OTHER, 2))),
      ...(await graph.messages.attachments(refs(OTHER, 1))),
    ].map((read) => (read.ok ? 'read' : read.error.code));
    for (const call of [
      graph.folders.deltaPage(other),
      graph.folders.listPage({ ...other, from: null, to: null }),
      graph.folders.probe(other),
      graph.subscriptions.create(subscription),
    ]) {
      codes.push(await call.then(() => 'read').catch((thrown) => thrown.code));
    }
    return codes;
  };

  test('is refused before any request, in every way it could be asked for', async () => {
    await using bundle = await setup(() => ({}), { isListed: onlyFirst });
    expect(new Set(await everything(bundle))).toEqual(new Set(['graph_unlisted']));
    expect(bundle.seen).toEqual([]);
  });

  test('would be asked for without the directory: negative control', async () => {
    await using bundle = await setup(() => ({}));
    await everything(bundle);
    expect(bundle.seen.length).toBeGreaterThanOrEqual(6);
  });

  test('does not keep its neighbours in a read from being read', async () => {
    await using bundle = await setup(
      (request) => ({
        body: {
          responses: itemsOf(request).map(({ id }) => ({ id, status: 200, body: { id: 'm' } })),
        },
      }),
      { isListed: onlyFirst },
    );
    const results = await bundle.graph.messages.messages([...refs(OTHER, 1), ...refs(MAILBOX, 2)]);
    expect(results.map(({ ok }) => ok)).toEqual([false, true, true]);
    const urls = itemsOf(bundle.seen[0]).map(({ url }) => url);
    expect(urls.map((url) => url.includes(MAILBOX))).toEqual([true, true]);
  });
});
