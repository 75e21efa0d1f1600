import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { NotificationsRefusedError, readNotifications } from './read-notifications.ts';

const bodyOf = (value: unknown) => Buffer.from(JSON.stringify(value));
const of = (...items: unknown[]) => readNotifications(bodyOf({ value: items }));

const item = { subscriptionId: 'S-1', clientState: 'secret', changeType: 'created' };

describe('readNotifications', () => {
  test.each([
    [{ resourceData: { '@odata.type': '#Microsoft.Graph.Message', id: 'AAMk_1=' } }],
    [{ resource: 'users/u@t/messages/AAMk_1=' }],
    [{ resource: 'Users/u/Messages/AAMk_1=' }],
    [{ resource: "Users('u')/messages('AAMk_1=')" }],
    [{ resource: 'users/u/messages/other', resourceData: { id: 'AAMk_1=' } }],
  ])('finds the message in every spelling of the samples: %j', (fields) => {
    expect(of({ ...item, ...fields }).items).toEqual([
      {
        subscriptionId: 's-1',
        clientState: 'secret',
        lifecycleEvent: null,
        messageId: 'AAMk_1=',
        encrypted: null,
      },
    ]);
  });

  test.each(['missed', 'subscriptionRemoved', 'reauthorizationRequired'])(
    'reads the lifecycle event %s, which has neither resource nor change type',
    (lifecycleEvent) => {
      const { items } = of({ subscriptionId: 's-1', clientState: 'secret', lifecycleEvent });
      expect(items).toEqual([
        {
          subscriptionId: 's-1',
          clientState: 'secret',
          lifecycleEvent,
          messageId: null,
          encrypted: null,
        },
      ]);
    },
  );

  test.each([
    [{ ...item, changeType: 'updated', resourceData: { id: 'a' } }],
    [{ ...item, changeType: 'deleted', resourceData: { id: 'a' } }],
    [{ ...item, changeType: 7, resourceData: { id: 'a' } }],
    [{ ...item, resourceData: { id: '../../users/other' } }],
    [{ ...item, resourceData: { id: ['a'] } }],
    [{ ...item, resourceData: { id: 'x'.repeat(513) } }],
    [{ ...item, lifecycleEvent: 'somethingNew', changeType: undefined }],
  ])('takes no message from %j', (value) => {
    expect(of(value).items[0]?.messageId).toBeNull();
  });

  test('lets one unreadable item not cost the others', () => {
    const { items, unreadable } = of(null, 7, 'x', [], { subscriptionId: {} }, item);
    expect(items).toHaveLength(1);
    expect(unreadable).toBe(5);
  });

  test('takes the id from the end of the resource where the other one cannot be read', () => {
    for (const id of [7, null, {}, '', 'not an id']) {
      const odd = { ...item, resource: "Users('u')/Messages('AAMk')", resourceData: { id } };
      expect(of(odd).items[0]?.messageId).toBe('AAMk');
    }
  });

  test('takes a clientState that is no text for none', () => {
    expect(of({ ...item, clientState: ['secret'] }).items[0]?.clientState).toBe('');
  });

  test('keeps what claims to be a prototype away from every prototype', () => {
    const evil =
      '{"value":[{"__proto__":{"subscriptionId":"s"},"constructor":{"prototype":{"x":1}}}]}';
    expect(readNotifications(Buffer.from(evil))).toEqual({
      items: [],
      unreadable: 1,
      validationTokens: [],
    });
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test.each([
    ['no JSON', Buffer.from('{"value":'), 400],
    ['nothing', Buffer.alloc(0), 400],
    ['bytes', Buffer.from([0xff, 0xfe, 0x00]), 400],
    ['no object', bodyOf([item]), 400],
    ['no collection', bodyOf({ value: {} }), 400],
    ['100,000 open brackets', Buffer.from('['.repeat(100_000)), 400],
    ['a deep item', Buffer.from(`{"value":[${'{"a":'.repeat(40)}1${'}'.repeat(40)}]}`), 400],
    ['1,001 items', bodyOf({ value: Array.from({ length: 1_001 }, () => 1) }), 413],
  ])('refuses a body of %s', (_, body, status) => {
    expect(() => readNotifications(body)).toThrow(NotificationsRefusedError);
    expect(() => readNotifications(body)).toThrow(expect.objectContaining({ status }));
  });

  test('does not take brackets in a text for depth', () => {
    expect(of({ ...item, clientState: `\\"${'['.repeat(100)}` }).items).toHaveLength(1);
  });

  test('takes or refuses whatever comes, and never fails otherwise', () => {
    const names = fc.constantFrom(
      'subscriptionId',
      'clientState',
      'changeType',
      'resource',
      'resourceData',
      'lifecycleEvent',
      'encryptedContent',
      'id',
      'data',
      '__proto__',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.string(),
        fc.constantFrom<unknown>(null, true, 7, 'created', 'missed', item),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(names, tie('tree'), { maxKeys: 5 }),
      ),
    }));
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      tree.map(bodyOf),
      fc.record({ value: fc.array(tree), validationTokens: tree }).map(bodyOf),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        try {
          const { items, unreadable, validationTokens } = readNotifications(body);
          expect(unreadable).toBeGreaterThanOrEqual(0);
          expect(validationTokens.every((token) => typeof token === 'string')).toBe(true);
          for (const { subscriptionId, clientState, messageId } of items) {
            expect([typeof subscriptionId, typeof clientState]).toEqual(['string', 'string']);
            expect(messageId ?? 'AA').toMatch(/^[A-Za-z0-9+/_=-]{1,512}$/);
          }
        } catch (error) {
          if (!(error instanceof NotificationsRefusedError)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
