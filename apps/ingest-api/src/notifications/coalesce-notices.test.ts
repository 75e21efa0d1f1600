import { describe, expect, test } from '@jest/globals';
import type { IngestMessage } from '@ms1/contracts';

import { coalesceNotices } from './coalesce-notices.ts';

const message = (messageId: string) => ({ messageId }) as IngestMessage;

describe('coalesceNotices', () => {
  test('makes one notice of what is in hand at once, and tells each caller when it is in Redis', async () => {
    const rounds: number[] = [];
    const notice = coalesceNotices(async (messages) => rounds.push(messages.length));
    await Promise.all(['a', 'b', 'c'].map((id) => notice([message(id)])));
    expect(rounds).toEqual([3]);
    await notice([message('d')]);
    expect(rounds).toEqual([3, 1]);
  });

  test('fails every caller of a round that failed, and no caller of the next', async () => {
    let down = true;
    const notice = coalesceNotices(() =>
      down ? Promise.reject(new Error('no Redis')) : Promise.resolve(),
    );
    const round = await Promise.allSettled([notice([message('a')]), notice([message('b')])]);
    expect(round.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    down = false;
    await expect(notice([message('a')])).resolves.toBeUndefined();
  });

  test('costs nothing when there is nothing to notice', async () => {
    const notice = coalesceNotices(() => Promise.reject(new Error('must not be called')));
    await expect(notice([])).resolves.toBeUndefined();
  });
});
