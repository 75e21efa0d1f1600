import { describe, expect, test } from '@jest/globals';

import { ConsoleClient } from './console-client.ts';
import { ROUTES } from './routes.ts';

const address = { baseUrl: 'http://console/', token: 'the-token', newKey: () => 'the-key' };

describe('the contract of the console', () => {
  test('holds whoever calls it to its names', async () => {
    const asked: unknown[] = [];
    const client = new ConsoleClient({
      ...address,
      fetch: async (url, { method, body }) => {
        asked.push([method, url, body]);
        return new Response('{}');
      },
    });
    const { paused } = await client.call('GET /mailboxes/:id', { params: { id: 'a/b' } }).then(
      // @ts-expect-error: no mailbox has such a field
      ({ isPaused, state }) => ({ paused: isPaused ?? state }),
    );
    // @ts-expect-error: a session has a name
    await client.call('POST /sessions', { body: { title: 'November' } });
    // @ts-expect-error: which session?
    await client.call('POST /sessions/:id/close');
    // @ts-expect-error: there is no such endpoint
    await client.call('GET /session', {});
    expect([paused, asked]).toEqual([
      undefined,
      [
        ['GET', 'http://console/api/mailboxes/a%2Fb', undefined],
        ['POST', 'http://console/api/sessions', '{"title":"November"}'],
        ['POST', 'http://console/api/sessions/undefined/close', '{}'],
        ['GET', 'http://console/api/session', undefined],
      ],
    ]);
  });

  test('refuses a body field that no schema names', () => {
    for (const endpoint of Object.values(ROUTES)) {
      if (!('body' in endpoint)) continue;
      const { error } = endpoint.body.safeParse({ unforeseen: 1 });
      expect(JSON.stringify(error?.issues)).toContain('unrecognized_keys');
    }
  });
});
