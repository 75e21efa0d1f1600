import { describe, expect, test } from '@jest/globals';

import type { MailboxFacts } from '../api/mailbox-view.ts';
import { NO_FACTS } from '../api/mailbox-view.ts';
import { troublesOf } from './troubles-of.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const at = (seconds: number): string => new Date(NOW + seconds * 1_000).toISOString();

type Folder = MailboxFacts['folders'][number];

/** Walked just now, announced well, and audited. */
const aFolder = (different: Partial<Folder> = {}): Folder => ({
  folderId: 'inbox',
  walkedAt: at(-30),
  push: {
    announced: 9,
    unannounced: 1,
    lateSeconds: 1,
    walkedSoonerUntil: null,
    rebuiltAt: null,
  },
  subscription: { id: 's', expiresAt: at(86_400) },
  audited: { at: at(-600), unexplained: 0 },
  ...different,
});

function seen(facts: Partial<MailboxFacts>, { state = 'active', isPushed = true } = {}) {
  const mailbox = { state: state as 'active', addedAt: NOW - 86_400_000 };
  return troublesOf(
    mailbox,
    { ...NO_FACTS, folders: [aFolder()], ...facts },
    { now: NOW, isPushed },
  );
}
const codes = (...args: Parameters<typeof seen>) => seen(...args).map(({ code }) => code);

describe('the troubles of a mailbox', () => {
  test('are none where all is well, nor where nobody is told of any mail', () => {
    expect(codes({ requests: { used: 7_999, most: 10_000, seconds: 600 } })).toEqual([]);
    const quiet = [aFolder({ subscription: null, push: null })];
    expect(codes({ folders: quiet }, { isPushed: false })).toEqual([]);
  });

  test.each<[string, Partial<Folder>]>([
    ['not_walked', { walkedAt: at(-301) }],
    ['not_walked', { walkedAt: null }],
    ['not_announced', { subscription: null }],
    ['not_announced', { subscription: { id: 's', expiresAt: at(-1) } }],
    ['unexplained', { audited: { at: at(-600), unexplained: 2 } }],
  ])('%s by its folder %j', (code, folder) => {
    expect(codes({ folders: [aFolder(), aFolder(folder)] })).toEqual([code]);
  });

  test('say how many messages came without a notification while it is looked through more often', () => {
    const push = { announced: 3, unannounced: 1_297, lateSeconds: 1, rebuiltAt: null };
    const until = (seconds: number) =>
      seen({ folders: [aFolder({ push: { ...push, walkedSoonerUntil: at(seconds) } })] });
    expect(until(60)[0]?.text).toBe(
      'Of 1,300 messages in the last hour, 1,297 came without a notification, or before it.',
    );
    expect(until(-60)).toEqual([]);
  });

  test('begin with why nothing is read, which explains that it is not looked through', () => {
    const held = { reason: 'throttled' as const, since: at(-400), until: at(60) };
    const folders = [aFolder({ walkedAt: at(-400), subscription: null })];
    const [first, ...others] = seen({ held, folders });
    expect([first?.level, first?.text]).toEqual([
      'stopped',
      'Microsoft 365 has refused requests for it since 11:53 UTC, because there were too many.',
    ]);
    expect(first?.remedy).toContain('asked again by itself at 12:01 UTC');
    expect(others.map(({ code }) => code)).toEqual(['not_announced']);
    // A moment's wait is how Graph spreads its load.
    expect(codes({ held: { ...held, since: at(-5), until: at(15) } })).toEqual([]);
    expect(codes({ held: { ...held, reason: 'unavailable' } })).toEqual(['unavailable']);
  });

  test('are of somebody’s own doing and nothing else where it is paused or removed', () => {
    for (const state of ['paused', 'removed']) {
      expect(codes({ folders: [aFolder({ walkedAt: null })] }, { state })).toEqual([state]);
    }
  });

  test('name how many of its folders, and what of the budget is left to new mail', () => {
    const two = seen({ folders: [aFolder({ walkedAt: null }), aFolder({ walkedAt: null })] });
    expect(two[0]?.text).toMatch(/^Its folders have not been looked through/);
    const one = seen({ folders: [aFolder(), aFolder({ walkedAt: null })] });
    expect(one[0]?.text).toMatch(/^1 of its 2 folders has not been/);
    const [spent] = seen({ requests: { used: 8_000, most: 10_000, seconds: 600 } });
    expect(spent?.text).toMatch(/^8,000 of the 10,000 requests that Microsoft 365 allows are used/);
    for (const { remedy } of [...two, ...one]) expect(remedy).not.toBe('');
  });
});
