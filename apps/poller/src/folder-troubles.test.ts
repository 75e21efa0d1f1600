import { describe, expect, test } from '@jest/globals';

import { FolderTroubles } from './folder-troubles.ts';

function setup() {
  const clock = { at: Date.parse('2026-11-25T10:00:00Z'), now: () => clock.at };
  const troubles = new FolderTroubles({ clock, everyMs: 60_000 });
  const after = (seconds: number): string | null => {
    clock.at += seconds * 1_000;
    try {
      troubles.assertNone();
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  };
  return { troubles, after };
}

describe('FolderTroubles', () => {
  test('says whose folders cannot be read, why, since when and until when', () => {
    const { troubles, after } = setup();
    for (const mailbox of ['AP Berlin', 'AP Rome']) {
      troubles.report(mailbox, { code: 'graph_forbidden', mailbox, afterMs: 300_000 });
    }
    expect(after(60)).toBe(
      'cannot be read: 2 x graph_forbidden (AP Berlin, AP Rome) since 10:00:00, again at 10:05:00 UTC',
    );
    troubles.clear('AP Berlin');
    expect(after(0)).toContain('1 x graph_forbidden (AP Rome)');
    troubles.clear('AP Rome');
    expect(after(0)).toBeNull();
  });

  test('names a few of many', () => {
    const { troubles, after } = setup();
    for (let n = 0; n < 100; n += 1) {
      troubles.report(`f${n}`, { code: 'graph_auth', mailbox: `M${n}` });
    }
    expect(after(0)).toMatch(
      /^cannot be read: 100 x graph_auth \(M0, M1, M2, M3, M4 and 95 more\)/,
    );
  });

  test('tells of what may be over in a moment only when it lasts, and within 30 s', () => {
    const { troubles, after } = setup();
    const report = () =>
      troubles.report('f', { code: 'graph_throttled', passing: true, afterMs: 60_000 });
    report();
    expect(after(10)).toBeNull();
    troubles.clear('f');
    expect(after(120)).toBeNull();
    report();
    expect(after(10)).toBeNull();
    report();
    expect(after(20)).toContain('1 x graph_throttled since 10:02:10, again at 10:03:20 UTC');
  });

  test('forgets what will never be polled again: its mailbox is gone', () => {
    const { troubles, after } = setup();
    const state = { active: true };
    troubles.report('f', { code: 'graph_forbidden', concerns: () => state.active });
    expect(after(60)).not.toBeNull();
    state.active = false;
    expect(after(0)).toBeNull();
    // Back again, it is not in trouble until a look says so.
    state.active = true;
    expect(after(0)).toBeNull();
  });

  test('leaves to another process what it has by now, and keeps what it meets again and again', () => {
    const { troubles, after } = setup();
    const report = () => troubles.report('f', { code: 'graph_forbidden', afterMs: 300_000 });
    for (let looks = 0; looks < 20; looks += 1) {
      report();
      expect(after(300)).toContain('since 10:00:00');
    }
    expect(after(400)).toBeNull();
  });
});
