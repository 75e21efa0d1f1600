import { describe, expect, test } from '@jest/globals';
import type { Role } from '@ms1/console-api';

import { consoleBundle, TOKENS } from './console-bundle.ts';

const CANARIES = [
  'canary-subject',
  'canary.sender@example.com',
  'Canary Name',
  'canary-preview',
  'canary-file.pdf',
  'canary-new-field',
  'canary.reason@example.com',
  'canary-invoice',
  'canary.log@example.com',
];

const address = { address: 'canary.sender@example.com', name: 'Canary Name' };
const metadata = {
  internetMessageId: '<canary.sender@example.com>',
  conversationId: 'c',
  subject: 'canary-subject',
  from: address,
  sender: address,
  to: [address],
  cc: [],
  replyTo: [],
  receivedAt: '2026-11-23T00:00:00Z',
  bodyPreview: 'canary-preview',
};

/** One waiting job on each queue and one that failed, all full of what must not be shown. */
async function setup(piiRole?: Role) {
  const bundle = await consoleBundle({ ...(piiRole && { piiRole }) });
  await bundle.inbound.add(
    'ingest-message',
    { v: 1, mailboxId: 'mailbox-1', source: 'poll', metadata, later: 'canary-new-field' },
    { jobId: 'm-in' },
  );
  const attachments = [{ id: 'a', name: 'canary-file.pdf', kind: 'file', size: 7 }];
  await bundle.outbound.add(
    'deliver-record',
    { v: 1, record: { ...metadata, id: 'key-1', attachments } },
    { jobId: 'm-out' },
  );
  // What a failed job is in Redis, without running a worker for it.
  await bundle.redis.hset('{ms1}:outbound:m-out', {
    failedReason: 'rejected canary-invoice of canary.reason@example.com',
    stacktrace: JSON.stringify(['Error: canary-invoice of canary.reason@example.com\n    at x']),
  });
  await bundle.redis.rpush('{ms1}:outbound:m-out:logs', 'sent to canary.log@example.com');
  const cookie = await bundle.login();
  const get = async (path: string) => {
    const response = await bundle.request(`/queues${path}`, { headers: { cookie } });
    return { status: response.status, text: response.text };
  };
  return { bundle, get };
}

describe('board', () => {
  test('shows every queue and its jobs, and nothing personal in any of its replies', async () => {
    const { bundle, get } = await setup();
    await using _ = bundle;
    const replies = [
      await get('/api/queues?activeQueue=inbound&page=1&jobsPerPage=10'),
      await get('/api/queues?activeQueue=outbound&page=1&jobsPerPage=10'),
      await get('/api/queues/inbound/m-in'),
      await get('/api/queues/outbound/m-out'),
      await get('/api/queues/outbound/m-out/logs'),
      await get('/api/job-schedulers'),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    const text = replies.map((reply) => reply.text).join('\n');
    for (const canary of CANARIES) expect(text).not.toContain(canary);
    // Negative control: it does show the job, its identifiers and that it failed.
    for (const shown of ['mailbox-1', 'key-1', '[redacted]', '"size":7']) {
      expect(text).toContain(shown);
    }
    expect((await bundle.inbound.getJob('m-in'))?.data).toMatchObject({ metadata });
  });

  test('shows personal data to the role that may see it, and to no lower one', async () => {
    const { bundle } = await setup('admin');
    await using _ = bundle;
    const textFor = async (role: Role) => {
      const headers = { authorization: `Bearer ${TOKENS[role]}` };
      const paths = ['inbound/m-in', 'outbound/m-out', 'outbound/m-out/logs'];
      const replies = await Promise.all(
        paths.map((path) => bundle.request(`/queues/api/queues/${path}`, { headers })),
      );
      return replies.map(({ text }) => text).join();
    };
    // At once: what one may see is not shown to another whose request is on the way too.
    const [reader, operator, admin] = await Promise.all(
      (['reader', 'operator', 'admin'] as const).map(textFor),
    );
    for (const canary of CANARIES) {
      expect(reader).not.toContain(canary);
      expect(operator).not.toContain(canary);
      expect(admin).toContain(canary);
    }
  });

  test('says nothing of Redis', async () => {
    const { bundle, get } = await setup();
    await using _ = bundle;
    expect((await get('/api/redis/stats')).status).toBe(403);
  });

  test('its page needs no inline script, and everything it loads from here is there', async () => {
    const { bundle, get } = await setup();
    await using _ = bundle;
    const page = (await get('/')).text;
    expect(page).toContain('<base href="/queues/" />');
    const inline = [...page.matchAll(/<script(?![^>]*\bsrc=)([^>]*)>/g)].map(
      ([, attributes]) => attributes,
    );
    // Data, which a browser never runs.
    expect(inline).toEqual([' id="__UI_CONFIG__" type="application/json"']);
    const assets = [...page.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, path]) => path);
    expect(assets.length).toBeGreaterThan(4);
    for (const path of assets) expect([path, (await get(`/${path}`)).status]).toEqual([path, 200]);
  });
});
