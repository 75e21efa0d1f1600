import { describe, expect, test } from '@jest/globals';

import { GraphTransientError } from '../src/index.ts';
import { setup } from './graph-server.ts';

const MAILBOX = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';
const FOLDER = { mailboxId: MAILBOX, folderId: 'inbox', pageSize: 10 };
const MESSAGES = `/v1.0/users/${MAILBOX}/mailFolders/inbox/messages/delta`;

/**
 * Links that Graph would never hand out: each leads the token, or the position, elsewhere
 * (docs/reliability.md#links-of-others).
 */
const hostile = (ours: string, theirs: string): string[] => {
  const { host, port } = new URL(ours);
  return [
    `${theirs}${MESSAGES}`,
    `http://${host}.evil.example${MESSAGES}`,
    `http://${host}@${new URL(theirs).host}${MESSAGES}`,
    `http://user:word@${host}${MESSAGES}`,
    `http:\\\\${new URL(theirs).host}${MESSAGES}`,
    `//${new URL(theirs).host}${MESSAGES}`,
    `https://${host}${MESSAGES}`,
    `http://127.0.0.1:${Number(port) === 65_535 ? 1 : Number(port) + 1}${MESSAGES}`,
    `http://0x7f000001:${new URL(theirs).port}${MESSAGES}`,
    `${ours}${MESSAGES.replace(MAILBOX, OTHER)}`,
    `${ours}${MESSAGES.replace(MAILBOX, `${MAILBOX}/../${OTHER}`)}`,
    `${ours}${MESSAGES.replace(MAILBOX, `${MAILBOX}%2f..%2f${OTHER}`)}`,
    `${ours}${MESSAGES.replace('/v1.0', '/beta')}`,
    `${ours}/v1.0/me/messages/delta`,
    `${ours}${MESSAGES}#@${new URL(theirs).host}`,
  ];
};

describe('a link that leads elsewhere', () => {
  test('is followed by no request and no token, as the next page, as a stored position, or of attachments', async () => {
    await using theirs = await setup(() => ({ body: {} }));
    const state = { link: '' };
    await using ours = await setup((request) => ({
      body:
        request.method === 'GET'
          ? { value: [], '@odata.nextLink': state.link }
          : {
              responses: [
                { id: '0', status: 200, body: { value: [], '@odata.nextLink': state.link } },
              ],
            },
    }));
    for (const link of hostile(ours.origin, theirs.origin)) {
      state.link = link;
      const before = ours.seen.length;
      const page = ours.graph.folders.deltaPage({ ...FOLDER, link: null });
      await expect(page).rejects.toMatchObject({ code: 'graph_protocol' });
      await expect(ours.graph.folders.deltaPage({ ...FOLDER, link })).rejects.toMatchObject({
        code: 'graph_protocol',
      });
      const [read] = await ours.graph.messages.attachments([
        { mailboxId: MAILBOX, messageId: 'm' },
      ]);
      expect(read).toMatchObject({ ok: false, error: { code: 'graph_protocol' } });
      // The two that handed the link out, and none that followed it.
      expect(ours.seen.length - before).toBe(2);
    }
    expect(theirs.seen).toEqual([]);
  });

  test('is what a link of ours is not: negative control', async () => {
    const state = { origin: '' };
    await using ours = await setup((_, index) => ({
      body:
        index === 0
          ? { value: [], '@odata.nextLink': `${state.origin}${MESSAGES}?$skiptoken=a` }
          : { value: [], '@odata.deltaLink': `${state.origin}${MESSAGES}?$deltatoken=b` },
    }));
    state.origin = ours.origin;
    const first = await ours.graph.folders.deltaPage({ ...FOLDER, link: null });
    await ours.graph.folders.deltaPage({ ...FOLDER, link: first.nextLink });
    expect(ours.seen.map(({ url }) => url.split('?')[0])).toEqual([MESSAGES, MESSAGES]);
  });
});

describe('an answer that leads elsewhere', () => {
  test.each([301, 302, 307, 308])(
    'is not followed: %d, with a Location of another host',
    async (status) => {
      await using theirs = await setup(() => ({ body: { value: [] } }));
      await using ours = await setup(() => ({
        status,
        headers: { location: `${theirs.origin}${MESSAGES}` },
      }));
      const page = ours.graph.folders.deltaPage({ ...FOLDER, link: null });
      await expect(page).rejects.toThrow(GraphTransientError);
      await expect(ours.graph.subscriptions.list()).rejects.toThrow(GraphTransientError);
      expect(theirs.seen).toEqual([]);
    },
  );

  test('is not followed: 410 with a Location, which only means to begin anew', async () => {
    await using theirs = await setup(() => ({ body: { value: [] } }));
    await using ours = await setup(() => ({
      status: 410,
      headers: { location: `${theirs.origin}${MESSAGES}` },
      body: { error: { code: 'SyncStateNotFound' } },
    }));
    const link = `${ours.origin}${MESSAGES}?$deltatoken=old`;
    await expect(ours.graph.folders.deltaPage({ ...FOLDER, link })).rejects.toMatchObject({
      code: 'graph_reset',
    });
    expect(theirs.seen).toEqual([]);
    expect(ours.seen).toHaveLength(1);
  });
});

describe('an id that is somebody else’s text', () => {
  test.each(['../../users/x', 'a/b?c=d#e', 'a%2fb', 'x\r\nHost: evil'])(
    'stays one segment of the path: %j',
    async (messageId) => {
      await using bundle = await setup(() => ({ body: { id: 'm' } }));
      await bundle.graph.messages.messages([{ mailboxId: MAILBOX, messageId }]);
      const path = bundle.seen[0]?.url.split('?')[0] ?? '';
      expect(path.split('/')).toHaveLength(6);
      expect(path.startsWith(`/v1.0/users/${MAILBOX}/messages/`)).toBe(true);
    },
  );

  test.each(['.', '..'])(
    'is not asked for where no spelling keeps it a segment: %j',
    async (messageId) => {
      await using bundle = await setup(() => ({ body: { id: 'm' } }));
      const results = await bundle.graph.messages.messages([{ mailboxId: MAILBOX, messageId }]);
      expect(results).toMatchObject([{ ok: false, error: { code: 'graph_unlisted' } }]);
      expect(bundle.seen).toEqual([]);
    },
  );
});
