import { describe, expect, test } from '@jest/globals';

import { describeRedis, parseRedisUrl } from './redis-address.ts';

const one = { kind: 'server', tls: false, name: '', db: 0, username: undefined };

describe('parseRedisUrl', () => {
  test.each([
    ['redis://h', { ...one, nodes: [{ host: 'h', port: 6379 }] }],
    ['rediss://h:1/3', { ...one, tls: true, db: 3, nodes: [{ host: 'h', port: 1 }] }],
    ['redis://[::1]:6380', { ...one, nodes: [{ host: '::1', port: 6380 }] }],
    ['redis://:p%40ss@h', { ...one, password: 'p@ss', nodes: [{ host: 'h', port: 6379 }] }],
    [
      'redis+sentinel://u:p@a,b:5/my-master?db=2',
      {
        kind: 'sentinel',
        tls: false,
        name: 'my-master',
        db: 2,
        username: 'u',
        password: 'p',
        nodes: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 5 },
        ],
      },
    ],
    [
      'rediss+cluster://a:1,b:2',
      {
        kind: 'cluster',
        tls: true,
        name: '',
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
      },
    ],
  ])('reads %s', (url, address) => {
    expect(parseRedisUrl(url)).toMatchObject(address);
  });

  test.each([
    ['http://h', /must be a URL with redis:\/\//],
    ['redis://a,b', /several servers: say what they are, \+sentinel or \+cluster/],
    ['redis+sentinel://a', /the name of the primary/],
    ['redis+cluster://a/1', /a Cluster has one/],
    ['redis://h:99999', /host:port/],
    ['redis://h/x', /database by its number/],
    ['redis://:p%zz@h', /percent-encoded/],
  ])('refuses %s and says why, without it', (url, says) => {
    const refused = () => parseRedisUrl(url);
    expect(refused).toThrow(says);
    expect(refused).not.toThrow(url);
  });

  test('is told again without its password', () => {
    expect(describeRedis(parseRedisUrl('redis://:hunter2@h:1'))).toBe('h:1');
    expect(describeRedis(parseRedisUrl('redis+cluster://:x@a:1,b:2'))).toBe(
      'the Cluster of a:1, b:2',
    );
    expect(describeRedis(parseRedisUrl('redis+sentinel://:x@a:1/m'))).toBe(
      'm of the Sentinels a:1',
    );
  });
});
