import { describe, expect, test } from '@jest/globals';

import { createSubscriptionLookup } from './subscription-lookup.ts';

const known = { subscriptionId: 's', tenantId: 't', mailboxId: 'm', folderId: 'inbox' };

function setup() {
  const clock = { time: 0, now: () => clock.time };
  const stored = new Map([['s', { ...known, clientState: 'secret' }]]);
  const seen = { reads: 0 };
  const lookup = createSubscriptionLookup(
    {
      get: async (id) => {
        seen.reads += 1;
        return stored.get(id) ?? null;
      },
    },
    clock,
  );
  return { clock, stored, seen, lookup };
}

describe('createSubscriptionLookup', () => {
  test('knows the sender that knows the secret, and does not hand the secret on', async () => {
    const { lookup } = setup();
    expect(await lookup('s', 'secret')).toEqual({ known });
  });

  test.each(['', 'secre', 'secret2', 'Secret', 'x'.repeat(10_000)])(
    'takes clientState %j for forged, without throwing',
    async (clientState) => {
      const { lookup } = setup();
      expect(await lookup('s', clientState)).toEqual({ refused: 'forged' });
    },
  );

  test('takes nobody for known by an empty secret, also when none is stored', async () => {
    const { lookup, stored } = setup();
    stored.set('s', { ...known, clientState: '' });
    expect(await lookup('s', '')).toEqual({ refused: 'forged' });
    expect(await lookup('other', '')).toEqual({ refused: 'unknown' });
  });

  test('asks once a minute for a known subscription and hears of a new one within two seconds', async () => {
    const { clock, lookup, seen, stored } = setup();
    await lookup('s', 'secret');
    await lookup('s', 'secret');
    expect(seen.reads).toBe(1);
    await lookup('new', 'secret');
    stored.set('new', { ...known, clientState: 'secret' });
    expect(await lookup('new', 'secret')).toEqual({ refused: 'unknown' });
    clock.time = 2_000;
    expect(await lookup('new', 'secret')).toEqual({ known });
    clock.time = 60_000;
    await lookup('s', 'secret');
    expect(seen.reads).toBe(4);
  });
});
