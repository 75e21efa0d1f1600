import { describe, expect, test } from '@jest/globals';

import { type Answer, error, setup } from './graph-server.ts';

const MAILBOX = '11111111-1111-4111-8111-111111111111';
const FOLDER = { mailboxId: MAILBOX, folderId: 'inbox', pageSize: 2 };

describe('a page that is unavailable', () => {
  const read = (bundle: Awaited<ReturnType<typeof setup>>) =>
    bundle.graph.folders.deltaPage({ ...FOLDER, link: null });
  const asked = ({ seen }: Awaited<ReturnType<typeof setup>>) =>
    seen.map(({ url, headers }) =>
      url.includes('/delta') ? /maxpagesize=(\d+)/.exec(String(headers['prefer']))?.[1] : 'folder',
    );

  test('may be so for one message on it, where its folder answers: a page of one is asked for', async () => {
    await using bundle = await setup(({ url, headers }) =>
      url.includes('/delta') && String(headers['prefer']).includes('maxpagesize=2')
        ? error(503, 'ServiceUnavailable')
        : { body: { value: [] } },
    );
    expect(await read(bundle)).toMatchObject({ messages: [] });
    expect(asked(bundle)).toEqual(['2', 'folder', '2', 'folder', '2', 'folder', '1']);
  });

  test("is told as a failure that is not the mailbox's where a page of one is, too", async () => {
    await using bundle = await setup(({ url }) =>
      url.includes('/delta') ? error(503, 'ServiceUnavailable') : { body: { id: 'AAMk' } },
    );
    await expect(read(bundle)).rejects.toMatchObject({ code: 'graph_transient', status: 503 });
  });

  test.each<[string, Answer]>([
    ['its folder is, too', error(503, 'ServiceUnavailable')],
    ['Graph names the mailbox', error(503, 'ErrorMailboxStoreUnavailable')],
    ['Graph says until when', error(503, 'ServiceUnavailable', { 'retry-after': '5' })],
  ])('is the mailbox where %s', async (_, answer) => {
    await using bundle = await setup(() => answer);
    await expect(read(bundle)).rejects.toMatchObject({ code: 'graph_unavailable' });
    expect(asked(bundle).filter((what) => what !== 'folder')).toEqual(['2']);
  });
});
