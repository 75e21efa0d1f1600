import { expect, test } from '@jest/globals';

import type { Mailbox } from '../state/mailboxes.ts';
import {
  heldSentence,
  onTimeSentence,
  pushSentence,
  requestsSentence,
  subscriptionSentence,
  walkedAt,
} from './mailbox-words.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
type Folder = Mailbox['folders'][number];
const folder = (different: Partial<Folder> = {}): Folder => ({
  folderId: 'inbox',
  walkedAt: null,
  push: null,
  subscription: null,
  audited: null,
  ...different,
});
const pushed = (announced: number, unannounced: number, lateSeconds: number | null = null) =>
  folder({
    push: { announced, unannounced, lateSeconds, walkedSoonerUntil: null, rebuiltAt: null },
  });

test.each([
  [[folder(), pushed(0, 0)], 'No mail came in the last hour.'],
  [[pushed(1, 0, 3)], 'A notification told of the one message of the last hour 3 s after it came.'],
  [
    [pushed(0, 1)],
    'No notification told of the one message of the last hour: it was found by looking.',
  ],
  [
    [pushed(0, 4)],
    'No notification told of the 4 messages of the last hour: they were found by looking.',
  ],
  [
    [pushed(1_000, 0, 0.4), pushed(20, 0, 0.4)],
    'Notifications told of all 1,020 messages of the last hour, on average 1 s after they came.',
  ],
  [
    [pushed(9, 1, 2), pushed(1, 1, 12)],
    'Notifications told of 10 of the 12 messages of the last hour, on average 3 s after they came. The others were found by looking.',
  ],
])('notifications of %j', (folders, words) => expect(pushSentence({ folders })).toBe(words));

test('what was on time is told by the month, then by the day', () => {
  const month = { timed: 318, late: 6 };
  expect(onTimeSentence({ onTime: { month, today: { timed: 12, late: 0 } } })).toBe(
    '312 of 318 messages of the last 30 days were delivered within a minute of coming. Today it was 12 of 12 messages.',
  );
  expect(onTimeSentence({ onTime: { month, today: { timed: 0, late: 0 } } })).toMatch(
    /Today none came\.$/,
  );
});

test('the budget, a hold and the days of a subscription are whole sentences', () => {
  expect(requestsSentence({ requests: { used: 1_204, most: 10_000, seconds: 600 } })).toBe(
    '1,204 of the 10,000 requests that Microsoft 365 allows in 10 min are used.',
  );
  const since = '2026-11-30T11:58:00Z';
  const held = { reason: 'throttled' as const, since, until: '2026-11-30T12:01:00Z' };
  expect(heldSentence({ held }, NOW)).toMatch(
    /^Since \S+ \(2 min ago\) Microsoft 365 throttles it\. It is asked again at /,
  );
  expect(heldSentence({ held: null }, NOW)).toBe('Microsoft 365 takes requests for it.');
  const ends = (expiresAt: string) => folder({ subscription: { id: 's', expiresAt } });
  const folders = [ends('2026-12-06T12:00:00Z'), ends('2026-12-04T12:00:00Z'), folder()];
  expect(subscriptionSentence({ folders }, NOW)).toBe('It has 4 days left, and is renewed before.');
  expect(subscriptionSentence({ folders: [ends(since)] }, NOW)).toBe('It has ended.');
  expect(subscriptionSentence({ folders: [folder()] }, NOW)).toMatch(/^It has none/);
});

test('a mailbox is as fresh as its least fresh folder', () => {
  const [older, newer] = ['2026-11-30T11:00:00Z', '2026-11-30T11:59:00Z'];
  const folders = [folder({ walkedAt: newer }), folder({ walkedAt: older })];
  expect(walkedAt({ folders })).toBe(older);
  expect(walkedAt({ folders: [...folders, folder()] })).toBeNull();
});
