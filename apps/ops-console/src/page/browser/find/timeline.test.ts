import { describe, expect, test } from '@jest/globals';

import { type Message, timelineOf } from './timeline.ts';

const at = '2026-11-25T10:00:00.000Z';
const message = (part: Partial<Message>): Message => ({
  key: 'k'.repeat(22),
  state: 'queued',
  sessionId: null,
  mailbox: null,
  job: null,
  timeline: [{ at, event: 'queued', source: 'poll' }],
  ...part,
});
const titles = (part: Partial<Message>) =>
  timelineOf(message(part)).map(({ title, state }) => `${title}: ${state}`);

describe('timelineOf', () => {
  test('shows what is still ahead of a message on its way', () => {
    expect(titles({ job: { queue: 'inbound', failed: false } })).toEqual([
      'Queued: done',
      'Preparing: now',
      'Stored by MS4: ahead',
    ]);
  });

  test('ends with the receipt of a delivered one', () => {
    const steps = timelineOf(
      message({
        state: 'delivered',
        timeline: [
          { at, event: 'received' },
          { at, event: 'queued', source: 'webhook' },
          { at, event: 'prepared' },
          { at, event: 'delivered', receipt: 'r-1' },
        ],
      }),
    );
    expect(steps.map(({ title }) => title)).toEqual([
      'Received by Exchange',
      'Queued',
      'Prepared',
      'Stored by MS4',
    ]);
    expect(steps.at(-1)?.detail).toContain('r-1');
  });

  test('calls a failed job a dead letter also where the ledger was not told', () => {
    expect(titles({ job: { queue: 'outbound', failed: true } })).toEqual([
      'Queued: done',
      'Dead letter: failed',
    ]);
  });

  test('shows nothing ahead of one that was skipped', () => {
    const skipped = { at, event: 'skipped', reason: 'source_deleted' } as const;
    expect(titles({ state: 'skipped', timeline: [skipped] })).toEqual(['Skipped: failed']);
  });
});
