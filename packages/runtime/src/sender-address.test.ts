import type { IncomingMessage } from 'node:http';
import { expect, test } from '@jest/globals';

import { senderAddress } from './sender-address.ts';

test.each([
  ['a connection counts where no proxy is', 0, '::ffff:10.1.2.3', '6.6.6.6', '10.1.2.3'],
  ['also one of this machine', 0, '::1', undefined, '::1'],
  [
    'what the outermost proxy added',
    2,
    '10.0.0.1',
    '6.6.6.6, 192.168.0.7:99, 10.0.0.2',
    '192.168.0.7',
  ],
  ['nothing, where a proxy is missing', 3, '10.0.0.1', '6.6.6.6, 10.0.0.2', ''],
  ['nothing, where it is no address', 1, '10.0.0.1', 'unknown', ''],
  ['nothing, where there is no header', 1, '10.0.0.1', undefined, ''],
  ['an entry before an empty one', 1, '10.0.0.1', '6.6.6.6, ', '6.6.6.6'],
  ['with a protocol', 1, '10.0.0.1', 'for=6.6.6.6;proto=https', '6.6.6.6'],
  ['as a URL', 1, '10.0.0.1', 'http://6.6.6.6:80/', '6.6.6.6'],
  ['eight groups and a port', 1, '10.0.0.1', '2001:db8:0:0:0:0:0:1:443', '2001:db8::1'],
  ['eight groups', 1, '10.0.0.1', '2001:db8:0:0:0:0:0:1', '2001:db8::1'],
])('%s', (_name, proxies, peer, header, address) => {
  const headers = { 'x-forwarded-for': header };
  const req = { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage;
  expect(senderAddress(req, proxies)).toBe(address);
});
