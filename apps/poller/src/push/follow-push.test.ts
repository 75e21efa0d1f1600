import { describe, expect, test } from '@jest/globals';

import type { Arrivals } from '@ms1/mailboxes';

import { createFollowPush } from './follow-push.ts';

const FOLDER = { mailboxId: 'm', folderId: 'inbox' };
const MINUTE = 60_000;
const NONE = { announced: 0, unannounced: 0, lateMs: 0 };

function setup() {
  const clock = { at: 1_000 * MINUTE, now: () => clock.at };
  const state = {
    recent: { ...NONE },
    soonerUntil: null as number | null,
    rebuildAskedAt: null as number | null,
  };
  const events: string[] = [];
  const follow = createFollowPush({
    yields: {
      async record(_, { announced, unannounced, lateMs }) {
        // As the store does: what a folder that is walked more often tells is not held against push.
        if ((state.soonerUntil ?? 0) <= clock.at) {
          state.recent.announced += announced;
          state.recent.unannounced += unannounced;
          state.recent.lateMs += lateMs;
        }
        return { ...state, recent: { ...state.recent }, walkedAt: clock.at, hour: NONE };
      },
      async walkSooner(_, until) {
        state.soonerUntil = until;
        state.recent = { ...NONE };
      },
      async askRebuild() {
        state.rebuildAskedAt = clock.at;
        events.push('rebuild');
      },
    },
    askForRenewal: async () => events.push('renewal'),
    clock,
    onChange: (change) => events.push(change),
  });
  const walk = (arrivals: Partial<Arrivals>) => follow(FOLDER, { ...NONE, ...arrivals });
  return { walk, events, clock };
}

describe('createFollowPush', () => {
  test('a folder whose mail only walks find is walked sooner, and its subscription is made anew', async () => {
    const { walk, events } = setup();
    expect(await walk({ unannounced: 19 })).toBe(false);
    expect(await walk({ unannounced: 1 })).toBe(true);
    expect(events).toEqual(['silent', 'rebuild', 'renewal']);
    expect(await walk({ unannounced: 30 })).toBe(true);
    expect(events).toHaveLength(3);
  });

  test('so is one whose notifications come later than Graph allows itself', async () => {
    const { walk, events } = setup();
    expect(await walk({ announced: 20, lateMs: 20 * 4 * MINUTE })).toBe(true);
    expect(events[0]).toBe('late');
  });

  test('leaves one alone that works, loses half of its races, or gets little mail', async () => {
    const { walk, events } = setup();
    expect(await walk({ announced: 20, lateMs: 60_000 })).toBe(false);
    expect(await walk({ unannounced: 40, announced: 20, lateMs: 60_000 })).toBe(false);
    expect(events).toEqual([]);
    expect(await setup().walk({ unannounced: 10 })).toBe(false);
  });

  test('is back at the usual distance as soon as a notification is first again', async () => {
    const { walk, events } = setup();
    await walk({ unannounced: 20 });
    expect(await walk({ unannounced: 5, announced: 1, lateMs: 5_000 })).toBe(false);
    expect(events.at(-1)).toBe('recovered');
    expect(await walk({ unannounced: 5 })).toBe(false);
  });

  test('does not go on for ever by itself: judged anew after 15 minutes, rebuilt at most once an hour', async () => {
    const { walk, events, clock } = setup();
    const rebuilds = () => events.filter((event) => event === 'rebuild').length;
    await walk({ unannounced: 20 });
    clock.at += 15 * MINUTE;
    expect(await walk({})).toBe(false);
    expect(await walk({ unannounced: 20 })).toBe(true);
    expect(rebuilds()).toBe(1);
    clock.at += 60 * MINUTE;
    expect(await walk({ unannounced: 20 })).toBe(true);
    expect(rebuilds()).toBe(2);
  });
});
