import { describe, expect, test } from '@jest/globals';

import { authenticationOf, UNNAMED } from './authentication-of.ts';
import { readHeaders } from './internet-headers.ts';

const of = (values: string[], ids: readonly string[] = [UNNAMED], from = 'ar@supplier.example') =>
  authenticationOf(
    readHeaders(values.map((value) => ({ name: 'Authentication-Results', value }))),
    from,
    ids,
  );
const GATEWAY = 'mx.gateway.example; dkim=pass header.d=supplier.example';

describe('authenticationOf', () => {
  test('says what Exchange wrote, word for word as far as it is known', () => {
    expect(
      of([
        'spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=supplier.example; dkim=sideways header.d=none;dmarc=pass action=none header.from=supplier.example;compauth=pass reason=100',
      ]),
    ).toEqual({
      verdict: 'pass',
      domain: 'supplier.example',
      spf: 'pass',
      dkim: undefined,
      dmarc: 'pass',
      compauth: 'pass',
      reason: '100',
    });
    expect(of(['dmarc=fail header.from=supplier.example'])).toMatchObject({
      verdict: 'fail',
      domain: null,
      dmarc: 'fail',
    });
    expect(of([])).toEqual({ verdict: 'none', domain: null });
  });

  test.each<[string, string[], string]>([
    ['its own name', ['mx.gateway.example'], 'pass'],
    ['its name and a version', ['mx.gateway.example'], 'pass'],
    ['another name', ['mx.other.example'], 'none'],
    ['no name', [UNNAMED], 'none'],
  ])('takes the word of a server that is configured by %s', (how, ids, verdict) => {
    const header = how.includes('version') ? GATEWAY.replace(';', ' 1;') : GATEWAY;
    expect(of([header], ids).verdict).toBe(verdict);
  });

  test('takes the topmost of those that count, whoever wrote above it', () => {
    const exchange = 'spf=fail smtp.mailfrom=supplier.example;dmarc=none header.from=none';
    const forged = GATEWAY.replace('dkim=pass', 'dkim=fail');
    expect(of([exchange, GATEWAY, forged], ['mx.gateway.example']).verdict).toBe('pass');
    expect(of([exchange, forged, GATEWAY], ['mx.gateway.example']).verdict).toBe('none');
  });

  test.each([
    '',
    ';;;',
    'none',
    '=pass',
    'dmarc=',
    'dmarc=pass',
    'dmarc=pass header.from=',
    '(',
    '"',
    '\\',
    '('.repeat(5_000),
    `dmarc=pass header.from=${'supplier.example.'.repeat(400)}`,
  ])('proves nothing by %j', (value) => {
    expect(of([value]).verdict).toBe('none');
    expect(of([value], [UNNAMED], '').verdict).toBe('none');
  });

  test('reads headers that are none, in numbers that no mail has, at once', () => {
    const odd = [null, 7, {}, { name: 7, value: 'x' }, { name: 'authentication-results' }];
    expect(readHeaders(odd)).toEqual([]);
    expect(readHeaders('Authentication-Results: dmarc=pass')).toEqual([]);
    const many = Array.from({ length: 100_000 }, () => ({
      name: 'Received',
      value: 'y'.repeat(100),
    }));
    expect(readHeaders(many).length).toBeLessThan(2_000);
  });
});
