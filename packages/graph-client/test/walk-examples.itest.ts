import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { setup } from './graph-server.ts';

// The documented payloads lie beside the project, not in it: where they are missing, nothing here runs.
const EXAMPLES = join(import.meta.dirname, '../../../../shared/graph/examples');
const there = existsSync(EXAMPLES);
if (!there) process.stderr.write(`skipped: there are no examples at ${EXAMPLES}\n`);

const read = (name: string): string => readFileSync(join(EXAMPLES, name), 'utf8');
const parse = (name: string): Record<string, unknown> =>
  JSON.parse(read(name)) as Record<string, unknown>;

const MAILBOX = '11111111-1111-4111-8111-111111111111';
const FOLDER = { mailboxId: MAILBOX, folderId: 'inbox' };
const PAGE = { ...FOLDER, link: null, pageSize: 50 };
const SUBSCRIPTION = {
  ...FOLDER,
  notificationUrl: 'https://invoices.example/webhooks/graph',
  clientState: 'a-secret',
  expiresAt: Date.parse('2026-06-07T00:00:00Z'),
};

/** As it would be for our mailbox at the Graph that is configured: links are followed nowhere else. */
const ours = (name: string, origin: string): string =>
  read(name).replaceAll('https://graph.microsoft.com/v1.0/me', `${origin}/v1.0/users/${MAILBOX}`);

(there ? describe : describe.skip)('the documented payloads of walks and subscriptions', () => {
  test('messages-delta-page.json and messages-delta-final-page.json are two pages of a walk, followed byte for byte', async () => {
    await using bundle = await setup((_, index) => ({
      body: ours(
        index === 0 ? 'messages-delta-page.json' : 'messages-delta-final-page.json',
        bundle.origin,
      ),
    }));
    const first = await bundle.graph.folders.deltaPage(PAGE);
    expect(first.messages.map(({ id, message }) => [id, message?.subject])).toEqual([
      ['AAMkADNkNAAASq35xAAA=', 'Holiday hours update'],
      ['AQMkADNkNAAAVRMKAAAAA==', 'Holiday promotion sale'],
    ]);
    const last = await bundle.graph.folders.deltaPage({ ...PAGE, link: first.nextLink });
    expect([last.messages.length, last.nextLink]).toEqual([1, null]);
    expect(last.deltaLink).toContain('$deltatoken=GwcBoTmPuoGNlgXgF1nyUNMXY');
    expect(`${bundle.origin}${bundle.seen[1]?.url}`).toBe(first.nextLink);
    for (const { headers } of bundle.seen) {
      expect(headers['prefer']).toBe('IdType="ImmutableId", odata.maxpagesize=50');
    }
  });

  test('messages-delta-page.json as it is leads to another Graph: the page is refused, and no token goes there', async () => {
    await using bundle = await setup(() => ({ body: read('messages-delta-page.json') }));
    await expect(bundle.graph.folders.deltaPage(PAGE)).rejects.toMatchObject({
      code: 'graph_protocol',
    });
  });

  test('messages-list-response.json is the last page of a listing', async () => {
    await using bundle = await setup(() => ({ body: read('messages-list-response.json') }));
    const page = await bundle.graph.folders.listPage({ ...PAGE, from: null, to: null });
    expect(page).toMatchObject({
      messages: [{ id: 'AAMkAGUAAAwTW09AAA=', message: { subject: 'You have late tasks!' } }],
      nextLink: null,
      deltaLink: null,
    });
  });

  test.each([
    [410, 'error-410-syncstatenotfound.json', 'graph_reset'],
    // The same code with another status (docs/graph-contract.md#delta-tokens: "40X-series error").
    [404, 'error-410-syncstatenotfound.json', 'graph_reset'],
    // Nothing is wrong with the position then: it stands.
    [400, 'error-400-delta-filter.json', 'graph_request'],
    [404, 'error-404-item-not-found.json', 'graph_not_found'],
    [404, 'error-404-mailbox-not-enabled.json', 'graph_mailbox_missing'],
    [404, 'error-404-resource-not-found.json', 'graph_mailbox_missing'],
  ])('%i with %s is %s for a walk', async (status, file, code) => {
    await using bundle = await setup(() => ({ status, body: read(file) }));
    await expect(bundle.graph.folders.deltaPage(PAGE)).rejects.toMatchObject({ code });
  });

  test('error-403-subscription-limit.json is a mailbox that takes no more', async () => {
    await using bundle = await setup(() => ({
      status: 403,
      body: read('error-403-subscription-limit.json'),
    }));
    await expect(bundle.graph.subscriptions.create(SUBSCRIPTION)).rejects.toMatchObject({
      code: 'graph_quota',
    });
  });

  test.each([
    ['subscription-create-response.json', '2022-01-01T21:42:18.225Z'],
    ['subscription-create-response-inbox.json', '2016-11-20T18:23:45.935Z'],
  ])('%s is a subscription, and its expiry is what counts', async (file, expiresAt) => {
    await using bundle = await setup(() => ({ status: 201, body: read(file) }));
    const created = await bundle.graph.subscriptions.create(SUBSCRIPTION);
    const { id, resource, changeType } = parse(file);
    expect(created).toMatchObject({ id, resource, changeType, lifecycleNotificationUrl: null });
    expect(new Date(created.expiresAt).toISOString()).toBe(expiresAt);
  });

  test('subscription-renew-response.json is the renewed one, and subscription-list-response.json all there are', async () => {
    await using bundle = await setup(({ method }) => ({
      body: read(
        method === 'PATCH' ? 'subscription-renew-response.json' : 'subscription-list-response.json',
      ),
    }));
    const renewed = await bundle.graph.subscriptions.renew('an-id', SUBSCRIPTION.expiresAt);
    expect(new Date(renewed?.expiresAt ?? 0).toISOString()).toBe('2016-11-22T18:23:45.935Z');
    expect(await bundle.graph.subscriptions.list()).toMatchObject([
      { id: '0fc0d6db-0073-42e5-a186-853da75fb308', changeType: 'updated,deleted' },
    ]);
  });
});

(there ? describe : describe.skip)('what we send to subscribe', () => {
  test('has the members of subscription-create-request.json and of subscription-create-request-inbox.json, and no others', async () => {
    await using bundle = await setup(() => ({
      status: 201,
      body: read('subscription-create-response.json'),
    }));
    await bundle.graph.subscriptions.create(SUBSCRIPTION);
    const [sent] = bundle.seen;
    expect(`${sent?.method} ${sent?.url}`).toBe('POST /v1.0/subscriptions');
    expect(sent?.headers['prefer']).toBe('IdType="ImmutableId"');
    const documented = {
      ...parse('subscription-create-request.json'),
      ...parse('subscription-create-request-inbox.json'),
    };
    const body = sent?.body as Record<string, unknown>;
    expect(Object.keys(body).toSorted()).toEqual(Object.keys(documented).toSorted());
    expect(body).toMatchObject({
      changeType: parse('subscription-create-request-inbox.json')['changeType'],
      resource: `users/${MAILBOX}/mailFolders('inbox')/messages`,
      expirationDateTime: '2026-06-07T00:00:00.000Z',
    });
  });

  test('with the message inside it has the members of subscription-create-rich-request.json, and $select in the resource', async () => {
    const documented = parse('subscription-create-rich-request.json');
    const { encryptionCertificate, encryptionCertificateId } = documented;
    const encryption = {
      base64: String(encryptionCertificate),
      id: String(encryptionCertificateId),
    };
    await using bundle = await setup(
      () => ({ status: 201, body: read('subscription-create-response.json') }),
      { encryption },
    );
    await bundle.graph.subscriptions.create(SUBSCRIPTION);
    const body = bundle.seen[0]?.body as Record<string, unknown>;
    // Lifecycle notifications and the TLS version are asked for as in the examples without content.
    const expected = [
      ...Object.keys(documented),
      'lifecycleNotificationUrl',
      'latestSupportedTlsVersion',
    ];
    expect(Object.keys(body).toSorted()).toEqual(expected.toSorted());
    expect(body).toMatchObject({
      includeResourceData: true,
      encryptionCertificate,
      encryptionCertificateId,
      resource: expect.stringMatching(/\/messages\?\$select=[\w,]+$/),
    });
  });

  test('renews with the one member of subscription-renew-request.json', async () => {
    await using bundle = await setup(() => ({ body: read('subscription-renew-response.json') }));
    await bundle.graph.subscriptions.renew('an-id', SUBSCRIPTION.expiresAt);
    const [sent] = bundle.seen;
    expect(`${sent?.method} ${sent?.url}`).toBe('PATCH /v1.0/subscriptions/an-id');
    expect(Object.keys(sent?.body as object)).toEqual(
      Object.keys(parse('subscription-renew-request.json')),
    );
  });
});
