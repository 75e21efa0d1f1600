import type { Evidence } from './evidence.ts';
import type { Effect, Mail } from './witnesses.ts';

/** ms; when all of it happened */
export const BEGAN = Date.parse('2026-11-30T08:00:00Z');

const someMail = (key: string, over: Partial<Mail> = {}): Mail => ({
  key,
  mailboxId: 'one',
  messageId: `id-${key}`,
  at: BEGAN,
  announced: true,
  planned: true,
  ...over,
});

export const anEffect = (key: string, over: Partial<Effect> = {}): Effect => ({
  key,
  recordId: key,
  batchId: 'batch-1',
  at: BEGAN + 1_000,
  ...over,
});

/** Three messages that came, are in MS4, and of which there is nothing to say. */
export function someEvidence(over: Partial<Evidence> = {}): Evidence {
  const keys = ['a', 'b', 'c'];
  return {
    planned: keys.length,
    mail: keys.map((key) => someMail(key)),
    effects: keys.map((key) => anEffect(key)),
    deleted: new Set(),
    fates: new Map(),
    places: new Map(),
    letters: [],
    totals: { delivered: keys.length },
    windows: [
      { id: 'P5', from: BEGAN, endedAt: BEGAN + 10_000, to: BEGAN + 30_000, limitMs: 45_000 },
    ],
    excused: new Set(),
    arrivals: [{ at: BEGAN + 500, monotonicMs: 500, key: 'batch-1' }],
    limits: { perSecond: 10, perMinute: 300 },
    usage: [
      { mailboxId: 'one', inFlightMax: 3, refused: { inFlight: 0, requests: 0 }, quotaUnits: 20 },
    ],
    mailboxes: ['one'],
    door: [{ at: BEGAN, tookMs: 20, status: 202, messages: keys.map((key) => `id-${key}`) }],
    watched: {
      processes: [
        { at: BEGAN, name: 'poller-1', facts: { rssMb: 120, fds: 30 }, ready: true },
        { at: BEGAN + 60_000, name: 'poller-1', facts: { rssMb: 121, fds: 30 }, ready: true },
      ],
      redis: [1, 2].map((number) => ({
        at: BEGAN + number * 1_000,
        waiting: 0,
        held: 0,
        usedBytes: 2_000_000,
        openUntil: 0,
        cursors: [{ folder: 'inbox', fence: number, link: `link-${number}` }],
        life: 'one',
      })),
      burnt: [],
      stored: [],
    },
    pairs: [{ key: 'a', source: { subject: 'Invoice' }, record: { subject: 'Invoice' } }],
    outputs: [{ name: 'poller-1', text: 'folder walked', isRedis: false }],
    canaries: [{ what: 'the subject of a mail', text: 'canary0123', everywhere: true }],
    linesTouched: new Set(),
    told: null,
    ...over,
  };
}
