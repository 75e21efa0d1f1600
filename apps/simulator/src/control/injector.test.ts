import { describe, expect, test } from '@jest/globals';

import { isAnnounced } from './injector.ts';

describe('isAnnounced', () => {
  test.each([
    [10_000, 20, 0.5],
    [1_000, 7, 0.3],
    [400, 20, 0],
    [400, 20, 1],
  ])(
    'announces the share of %i messages over %i mailboxes evenly (%d)',
    (messages, mailboxes, announced) => {
      const perMailbox = Array.from({ length: mailboxes }, () => 0);
      for (let index = 0; index < messages; index += 1) {
        if (isAnnounced(index, { mailboxes, announced })) {
          perMailbox[index % mailboxes] = (perMailbox[index % mailboxes] ?? 0) + 1;
        }
      }
      const fair = (messages / mailboxes) * announced;
      for (const count of perMailbox) expect(Math.abs(count - fair)).toBeLessThanOrEqual(1);
      const total = perMailbox.reduce((sum, count) => sum + count, 0);
      expect(Math.abs(total - messages * announced)).toBeLessThanOrEqual(1);
    },
  );
});
