import { describe, expect, test } from '@jest/globals';

import { createJudgeSenders } from './judge-senders.ts';

const known = { subscriptionId: 's', tenantId: 't', mailboxId: 'm', folderId: 'inbox' };
const kept = {
  ...known,
  expiresAt: '2026-12-01T00:00:00Z',
  notificationUrl: 'https://example.com',
};

function setup() {
  const stored = new Map([['s', { ...kept, clientState: 'secret' }]]);
  const asked: string[][] = [];
  const judge = createJudgeSenders({
    async getMany(ids) {
      asked.push([...ids]);
      return ids.map((id) => stored.get(id) ?? null);
    },
  });
  const judgeOne = async (subscriptionId: string, clientState: string) =>
    (await judge([{ subscriptionId, clientState }]))[0];
  return { stored, asked, judge, judgeOne };
}

describe('createJudgeSenders', () => {
  test('knows the sender that knows the secret, and does not hand the secret on', async () => {
    expect(await setup().judgeOne('s', 'secret')).toEqual({ known });
  });

  test.each(['', 'secre', 'secret2', 'Secret', 'x'.repeat(10_000)])(
    'takes clientState %j for forged, without throwing',
    async (clientState) => {
      expect(await setup().judgeOne('s', clientState)).toEqual({ refused: 'forged' });
    },
  );

  test('takes nobody for known by an empty secret, also when none is stored', async () => {
    const { judgeOne, stored } = setup();
    stored.set('s', { ...kept, clientState: '' });
    expect(await judgeOne('s', '')).toEqual({ refused: 'forged' });
    expect(await judgeOne('other', '')).toEqual({ refused: 'unknown' });
  });

  test('judges each of many by its own subscription, asking once for all of them', async () => {
    const { judge, asked } = setup();
    const judged = await judge([
      { subscriptionId: 's', clientState: 'wrong' },
      { subscriptionId: 'x', clientState: 'secret' },
      { subscriptionId: 's', clientState: 'secret' },
    ]);
    expect(judged).toEqual([{ refused: 'forged' }, { refused: 'unknown' }, { known }]);
    expect(asked).toEqual([['s', 'x']]);
  });

  test('hears of a new and of a removed subscription at once', async () => {
    const { judgeOne, stored } = setup();
    stored.set('new', { ...kept, clientState: 'secret' });
    expect(await judgeOne('new', 'secret')).toEqual({ known });
    stored.delete('s');
    expect(await judgeOne('s', 'secret')).toEqual({ refused: 'unknown' });
  });
});
