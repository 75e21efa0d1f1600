import { createDecipheriv, createHmac, privateDecrypt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { selfSigned, until } from '@ms1/testkit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { createLocalJWKSet, jwtVerify } from 'jose';

import type { SimulatorOptions } from '../src/simulator.ts';
import { IMMUTABLE, startSimulator } from './start-simulator.ts';
import { startReceiver } from './webhook-receiver.ts';

const APP = '24d3b144-21ae-4080-943f-7067b395b913';
// The schema lies beside the project, not in it.
const SCHEMA = join(import.meta.dirname, '../../../../shared/graph/jsonschema-mail.json');
const there = existsSync(SCHEMA);

async function setup(options: Partial<SimulatorOptions> = {}) {
  const started = await startSimulator(options);
  const receiver = await startReceiver();
  const { mailbox } = started;
  const subscribe = (changes: object = {}) =>
    started.post(
      '/v1.0/subscriptions',
      {
        changeType: 'created',
        notificationUrl: receiver.url,
        lifecycleNotificationUrl: receiver.url,
        resource: `users/${mailbox.id}/mailFolders('inbox')/messages`,
        expirationDateTime: new Date(Date.now() + 3_600_000).toISOString(),
        clientState: 'secret-1',
        ...changes,
      },
      { prefer: IMMUTABLE },
    );
  const received = (count: number) =>
    until(() => receiver.posts.flat().length >= count, {
      what: `${count} notifications`,
    });
  const status = async () => (await started.call('/control/status')).body.graph;
  return {
    ...started,
    receiver,
    subscribe,
    received,
    status,
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

const certificate = selfSigned('notifications', 'rsa');
const RICH = {
  includeResourceData: true,
  encryptionCertificate: certificate.cert.replace(/-----[^-]+-----|\n/g, ''),
  encryptionCertificateId: 'certificate-1',
};
const richResource = (mailboxId: string) =>
  `users/${mailboxId}/mailFolders('inbox')/messages?$select=subject,receivedDateTime,from`;

describe('notifications, on command,', () => {
  test('come many times, late, in another order, and with an updated for each created', async () => {
    await using bundle = await setup();
    await bundle.subscribe();
    await bundle.fault('notification-duplicate', { max: 5 });
    await bundle.fault('notification-shuffle', { ms: 200 });
    await bundle.fault('notification-pair', { times: 1 });
    const ids: string[] = [];
    for (let index = 0; index < 10; index += 1) ids.push(await bundle.inject());
    await bundle.received(55);
    const all = bundle.receiver.posts.flat();
    expect(all.filter(({ changeType }) => changeType === 'updated')).toHaveLength(5);
    const created = all
      .filter(({ changeType }) => changeType === 'created')
      .map(({ resourceData }) => resourceData.id);
    const inOrder: string[] = ids.flatMap((id) => Array.from({ length: 5 }, () => id));
    expect(created.toSorted()).toEqual(inOrder.toSorted());
    expect(created).not.toEqual(inOrder);
  });

  test('tell of the lifecycle to the lifecycle URL, without resource; a removed subscription is gone', async () => {
    await using bundle = await setup();
    const { id } = (await bundle.subscribe()).body;
    for (const event of ['missed', 'reauthorizationRequired', 'subscriptionRemoved']) {
      const { body } = await bundle.post('/control/lifecycle', { event, times: 2 });
      expect(body).toEqual({ subscriptions: 1, sent: 2 });
    }
    await bundle.received(6);
    const events = bundle.receiver.posts.flat() as unknown as Record<string, unknown>[];
    const names = events.map(({ lifecycleEvent }) => lifecycleEvent);
    expect(new Set(names).size).toBe(3);
    for (const event of events) {
      expect(Object.keys(event).toSorted()).toEqual([
        'clientState',
        'lifecycleEvent',
        'subscriptionExpirationDateTime',
        'subscriptionId',
        'tenantId',
      ]);
      expect(event).toMatchObject({ subscriptionId: id, clientState: 'secret-1' });
    }
    expect((await bundle.call('/v1.0/subscriptions')).body.value).toEqual([]);
  });

  test('are delayed for an endpoint that is slow and lost for one in the drop state', async () => {
    await using bundle = await setup({ timeouts: { endpointWindowMs: 700 } });
    await bundle.subscribe();
    await bundle.fault('endpoint-slow', { times: 1 });
    const begun = Date.now();
    await bundle.inject();
    await bundle.received(1);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(690);
    await bundle.fault('endpoint-drop', { times: 1 });
    await bundle.inject();
    expect(await bundle.status()).toMatchObject({ notificationsDropped: 1, endpoints: ['drop'] });
  });

  test('stop after an endpoint took too long for 100 of them, without a command', async () => {
    await using bundle = await setup({
      timeouts: {
        firstNotificationMs: 10,
        retryNotificationMs: 20,
        notificationBackoffMs: 1,
        endpointWindowMs: 60_000,
      },
    });
    await bundle.subscribe();
    bundle.receiver.onPost = () => undefined;
    // Spread over time, so that they are many POSTs; each is tried several times.
    await bundle.fault('notification-shuffle', { ms: 1_000 });
    for (let index = 0; index < 60; index += 1) await bundle.inject();
    const dropped = await until(
      async () => {
        const status = await bundle.status();
        return status.endpoints[0] === 'drop' ? status : null;
      },
      { what: 'the drop state' },
    );
    expect(dropped.notificationRetries).toBeGreaterThan(15);
  });
});

describe('rich notifications', () => {
  test('carry what was selected, encrypted for the certificate, and a token for the app that the published key signed', async () => {
    await using bundle = await setup();
    const { status, body } = await bundle.subscribe({
      ...RICH,
      resource: richResource(bundle.mailbox.id),
    });
    expect([status, body.includeResourceData]).toEqual([201, true]);
    const messageId = await bundle.inject();
    await bundle.received(1);
    const [post] = bundle.receiver.bodies as {
      value: { encryptedContent: Record<string, string>; resourceData: { id: string } }[];
      validationTokens: string[];
    }[];
    const content = post?.value[0]?.encryptedContent ?? {};
    expect(content['encryptionCertificateId']).toBe('certificate-1');
    const bytes = (name: string) => Buffer.from(content[name] ?? '', 'base64');
    // Node's default padding here is OAEP with SHA-1, as Graph has it.
    const key = privateDecrypt(certificate.key, bytes('dataKey'));
    const signature = createHmac('sha256', key).update(bytes('data')).digest('base64');
    expect(content['dataSignature']).toBe(signature);
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
    const plain = Buffer.concat([decipher.update(bytes('data')), decipher.final()]).toString();
    expect(Object.keys(JSON.parse(plain) as object).toSorted()).toEqual([
      '@odata.etag',
      'from',
      'id',
      'receivedDateTime',
      'subject',
    ]);
    expect(JSON.parse(plain)).toMatchObject({ id: messageId });

    const about = await bundle.call('/common/.well-known/openid-configuration');
    const keys = createLocalJWKSet((await bundle.call(about.body.jwks_uri)).body);
    const [token = ''] = post?.validationTokens ?? [];
    const { payload } = await jwtVerify(token, keys, { algorithms: ['RS256'], audience: APP });
    expect(payload).toMatchObject({
      ver: '2.0',
      azp: '0bf30f3b-4a52-48df-9a82-234910c4a086',
      tid: bundle.simulator.tenant.id,
    });
    await bundle.fault('notification-token');
    await bundle.inject();
    await bundle.received(2);
    const [forged = ''] = (bundle.receiver.bodies[1] as { validationTokens: string[] })
      .validationTokens;
    await expect(jwtVerify(forged, keys)).rejects.toThrow('signature');
  });

  test.each<[string, object, number]>([
    [
      'for more than a day',
      { expirationDateTime: new Date(Date.now() + 1.1 * 86_400_000).toISOString() },
      400,
    ],
    ['with the body', { select: 'subject,body' }, 400],
    ['without a certificate', { encryptionCertificate: undefined }, 400],
    ['for what is no certificate', { encryptionCertificate: 'AAAA' }, 400],
    ['for a certificate without an id', { encryptionCertificateId: null }, 400],
    [
      'for a key that is not RSA',
      { encryptionCertificate: selfSigned('x').cert.replace(/-----[^-]+-----|\n/g, '') },
      400,
    ],
    ['as they should be', {}, 201],
  ])('are subscribed to %s: %j', async (_, changes, status) => {
    await using bundle = await setup();
    const { select, ...rest } = changes as { select?: string };
    const resource = `users/${bundle.mailbox.id}/messages?$select=${select ?? 'subject'}`;
    expect((await bundle.subscribe({ ...RICH, resource, ...rest })).status).toBe(status);
  });
});

(there ? describe : describe.skip)('what is posted, by the schema of Graph', () => {
  test('is a changeNotificationCollection, basic, rich, of the lifecycle, and under every disturbance', async () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as { $id: string; $defs: object };
    ajv.addSchema(schema, 'mail');
    const [name = ''] = Object.keys(schema.$defs).filter((key) =>
      /changeNotificationCollection$/i.test(key),
    );
    const validate = ajv.getSchema(`mail#/$defs/${name}`);
    if (!validate) throw new Error('the schema has no changeNotificationCollection');
    // The control: it is no schema that lets anything pass.
    expect(validate({ value: [{ subscriptionId: 7 }] })).toBe(false);

    await using bundle = await setup();
    await bundle.subscribe();
    await bundle.subscribe({ ...RICH, resource: richResource(bundle.mailbox.id) });
    await bundle.fault('notification-duplicate', { max: 2 });
    await bundle.fault('notification-pair');
    for (let index = 0; index < 3; index += 1) await bundle.inject();
    for (const event of ['missed', 'reauthorizationRequired', 'subscriptionRemoved']) {
      await bundle.post('/control/lifecycle', { event });
    }
    await bundle.received(30);
    for (const body of bundle.receiver.bodies) {
      expect([ajv.errorsText(validate(body) ? [] : validate.errors)]).toEqual(['No errors']);
    }
  });
});
