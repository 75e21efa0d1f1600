import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';

import { clientAddress, connectionOwner } from './client-address.ts';

const request = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as never;

describe('clientAddress', () => {
  test.each([
    ['52.1.2.3', '52.1.2.3'],
    ['::ffff:52.1.2.3', '52.1.2.3'],
    ['2603:1030::1', '2603:1030::1'],
    ['127.0.0.1', null],
    ['::ffff:10.1.2.3', null],
    ['172.31.0.1', null],
    ['fd00::1', null],
    ['', null],
  ])('takes a connection from %j for one of %j', (peer, address) => {
    expect(clientAddress(request(peer, '6.6.6.6'), 0)).toBe(address);
  });

  test.each([
    [1, '52.1.2.3', '52.1.2.3'],
    [1, '6.6.6.6, 52.1.2.3', '52.1.2.3'],
    [2, '6.6.6.6, 52.1.2.3, 10.0.0.1', '52.1.2.3'],
    [1, '52.1.2.3:40001', '52.1.2.3'],
    [1, '6.6.6.6:1, "52.1.2.3:40001"', '52.1.2.3'],
    [1, '[2603:1030::1]:40001', '2603:1030::1'],
    [1, '[2603:1030::1]', '2603:1030::1'],
    [1, '"[2603:1030:0:0::1]:443"', '2603:1030::1'],
    [1, '2603:1030:0000:0000:0000:0000:0000:0001', '2603:1030::1'],
    [1, '2603:1030::1%eth0', '2603:1030::1'],
    [1, '2603:1030::A1', '2603:1030::a1'],
    [1, '[::ffff:52.1.2.3]:40001', '52.1.2.3'],
    [1, '::ffff:3401:203', '52.1.2.3'],
    [1, '10.0.0.7:40001', null],
    [1, '[fd00::1]:40001', null],
    [1, '[::ffff:10.0.0.7]:1', null],
    [1, '52.1.2.3:x', null],
    [2, '52.1.2.3', null],
    [1, 'nonsense', null],
    [1, undefined, null],
  ])(
    'believes behind %i proxies of %j no more than what they added: %j',
    (proxies, header, address) => {
      expect(clientAddress(request('10.0.0.1', header), proxies)).toBe(address);
    },
  );
});

test.each([
  ['52.1.2.3', 0, '52.1.2.3'],
  ['::ffff:52.1.2.3', 0, '52.1.2.3'],
  ['10.0.0.1', 0, null],
  // A balancer has public addresses too: everybody's connections are its own.
  ['52.1.2.3', 1, null],
])('a connection from %j behind %i proxies is of %j', (remoteAddress, proxies, owner) => {
  expect(connectionOwner({ remoteAddress } as never, proxies)).toBe(owner);
});
