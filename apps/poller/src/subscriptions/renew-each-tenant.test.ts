import { describe, expect, test } from '@jest/globals';
import { GraphAuthError } from '@ms1/graph-client';

import { renewEachTenant } from './renew-each-tenant.ts';

describe('renewEachTenant', () => {
  test('a tenant whose credential is refused is reported, and keeps no other from being looked after', async () => {
    const refused = new GraphAuthError('gives no token', { status: 401 });
    const asked: string[] = [];
    const report = await renewEachTenant(
      ['a', 'refused', 'b'],
      async (tenantId) => {
        asked.push(tenantId);
        if (tenantId === 'refused') throw refused;
        return { created: 1, renewed: 2, removed: 3, kept: 4, missing: 5, failures: [] };
      },
      new AbortController().signal,
    );
    expect(asked).toEqual(['a', 'refused', 'b']);
    expect(report).toEqual({
      created: 2,
      renewed: 4,
      removed: 6,
      kept: 8,
      missing: 10,
      failures: [refused],
    });
  });

  test('stops when the process is to stop', async () => {
    const stopped = renewEachTenant(['a'], () => Promise.reject(new Error()), AbortSignal.abort());
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });
});
