import type { IngestMessage } from '@ms1/contracts';
import {
  type FolderPage,
  GraphProtocolError,
  GraphRequestError,
  GraphResetError,
  GraphTransientError,
  type PageMessage,
} from '@ms1/graph-client';
import type { CursorStore } from '@ms1/mailboxes';
import { aLedgerEntry } from '@ms1/testkit';
import * as fc from 'fast-check';
import { pollFolder } from '../src/polling/poll-folder.ts';
import { relookFolder } from '../src/polling/relook-folder.ts';
import { SettledMessages } from '../src/polling/settled-messages.ts';
import { aPage } from './a-page.ts';

const FOLDER = { tenantId: 't', mailboxId: 'm', folderId: 'inbox' };
const START = Date.parse('2026-06-01T00:00:00Z');
const LEASE_MS = 60_000;
const PAGE = 3;
/** ms between two polls */
const TICK_MS = 60_000;

/** How Graph answers one call for a page. */
const MOODS = [
  'fine',
  'empty',
  'doubled',
  'reordered',
  'replay',
  'reset',
  '400',
  '500',
  'truncated',
] as const;
/** Where a process dies: before or after the n-th of its effects. */
const CRASHES = ['before notice', 'after notice', 'before store', 'after store'] as const;

/** What happens between two polls: mail comes, Graph and the process have their moods. */
const Round = fc.record({
  /** for each message: ms that delta holds it back; `hidden`: delta never tells of it */
  mail: fc.array(
    fc.record({
      lagMs: fc.constantFrom(0, 0, 0, 60_000, 180_000),
      hidden: fc.boolean(),
    }),
    { maxLength: 7 },
  ),
  moods: fc.array(fc.constantFrom(...MOODS), { maxLength: 4 }),
  crash: fc.option(fc.tuple(fc.constantFrom(...CRASHES), fc.integer({ min: 1, max: 3 })), {
    freq: 2,
  }),
});
export const History = fc.array(Round, { minLength: 1, maxLength: 10 });
export type History = typeof History extends fc.Arbitrary<infer T> ? T : never;

interface Mail {
  id: string;
  receivedAt: number;
  /** from when delta has it */
  visibleAt: number;
  hidden: boolean;
}

export interface Outcome {
  /** messages that nobody ever noticed */
  lost: string[];
  /** times that a stored position was ahead of what is in Redis */
  ahead: number;
  /** how long the slowest message took, in ms */
  slowest: number;
}

/**
 * Lives a history in virtual time against the real walk, then lets everything be fine for a while.
 *
 * @param without the protection that a negative control takes away. `durable`: what is noticed reaches Redis only with
 *   the next effect. `whole`: half a page is taken for all of it
 */
export async function live(
  history: History,
  without: 'durable' | 'whole' | null = null,
): Promise<Outcome> {
  let now = START;
  const all: Mail[] = [];
  /** what delta tells, in its order: the position in a link counts these */
  const log: Mail[] = [];
  const noticed = new Map<string, number>();
  let unwritten: string[] = [];
  let settled = new SettledMessages();
  let stored: Awaited<ReturnType<CursorStore['read']>> = null;
  let fence = 0;
  let leasedUntil = 0;
  let ahead = 0;
  let moods: (typeof MOODS)[number][] = [];

  const appear = (): void => {
    for (const mail of all) {
      if (!mail.hidden && mail.visibleAt <= now && !log.includes(mail)) log.push(mail);
    }
  };
  const positionOf = (link: string | null): number => Number(link?.split(':')[1] ?? 0);
  const show = ({ id, receivedAt }: Mail): PageMessage => ({
    id,
    message: { id, subject: 's', receivedDateTime: new Date(receivedAt).toISOString() },
  });

  const deltaPage = async ({ link }: { link: string | null }): Promise<FolderPage> => {
    appear();
    const mood = moods.shift() ?? 'fine';
    const facts = { status: mood === 'reset' ? 410 : Number(mood) || 200 };
    if (mood === 'reset' && link !== null) throw new GraphResetError('forgot', facts);
    if (mood === '400') throw new GraphRequestError('refuses', facts);
    if (mood === '500') throw new GraphTransientError('failed', facts);
    const isHalf = mood === 'truncated';
    if (isHalf && without !== 'whole') throw new GraphProtocolError('sent half a page', facts);
    const from = Math.max(0, positionOf(link) - (mood === 'replay' ? 4 : 0));
    const to = mood === 'empty' ? from : Math.min(from + PAGE, log.length);
    const shown = isHalf ? [] : log.slice(from, to).map(show);
    const messages =
      mood === 'doubled' ? [...shown, ...shown] : mood === 'reordered' ? shown.toReversed() : shown;
    const done = to >= log.length;
    // Links differ, as Graph's do: one that leads to itself is a circle.
    const next = `${now}-${moods.length}-${mood}:${to}`;
    return { messages, removed: [], nextLink: done ? null : next, deltaLink: done ? next : null };
  };

  const poll = async (crash: History[number]['crash']): Promise<void> => {
    let dead = false;
    const effects = { notice: 0, store: 0 };
    const dieAt = (when: 'before' | 'after', what: 'notice' | 'store'): void => {
      if (when === 'before') effects[what] += 1;
      const [point, count] = crash ?? ['', 0];
      if (dead || (point === `${when} ${what}` && effects[what] === count)) {
        dead = true;
        unwritten = [];
        throw new Error('killed');
      }
    };
    const flush = (): void => {
      for (const id of unwritten) if (!noticed.has(id)) noticed.set(id, now);
      unwritten = [];
    };
    const notice = async (messages: readonly IngestMessage[]) => {
      dieAt('before', 'notice');
      flush();
      const before = messages.map(({ messageId }) =>
        noticed.has(messageId) ? aLedgerEntry({ state: 'delivered' }) : null,
      );
      unwritten = messages.map(({ messageId }) => messageId);
      if (without !== 'durable') flush();
      dieAt('after', 'notice');
      return { added: messages.length, known: 0, before };
    };
    const shared = {
      producer: { notice },
      sessions: { activeSessionOf: async () => null },
      clock: { now: () => now },
    };
    const mine = (fence += 1);
    await pollFolder(
      {
        ...shared,
        folders: { deltaPage },
        pageSize: PAGE,
        pagesMax: 1_000,
        since: undefined,
        settleRemoved: async () => ({ moved: 0, gone: 0 }),
        afterWalk: async () => false,
        relook: (folder, bounds, signal) =>
          relookFolder(
            {
              ...shared,
              settled,
              pagesMax: 10,
              folders: {
                listPage: async ({ from }) => {
                  const seen = all.filter(({ visibleAt }) => visibleAt <= now);
                  const since = Date.parse(from ?? '');
                  return aPage(seen.filter(({ receivedAt }) => receivedAt >= since).map(show));
                },
              },
            },
            folder,
            bounds,
            signal,
          ),
        lease: async () => {
          if (leasedUntil > now) return null;
          leasedUntil = now + LEASE_MS;
          return {
            fence: mine,
            ttlMs: LEASE_MS,
            renew: async () => true,
            release: async () => {
              // A killed process gives nothing back.
              if (!dead) leasedUntil = 0;
            },
          };
        },
        cursors: {
          read: async () => stored,
          write: async (_, position) => {
            dieAt('before', 'store');
            stored = { ...position, updatedAt: now };
            const before = log.slice(0, positionOf(position.link));
            if (before.some(({ id }) => !noticed.has(id))) ahead += 1;
            dieAt('after', 'store');
          },
        },
      },
      FOLDER,
      new AbortController().signal,
    ).catch(() => undefined);
    if (!dead) flush();
    else settled = new SettledMessages();
  };

  const tick = async (round?: History[number]): Promise<void> => {
    for (const { lagMs, hidden } of round?.mail ?? []) {
      // After the first walk, and by whole seconds, as Graph tells it.
      const receivedAt = now + 1_000 * all.length + 1_000;
      all.push({ id: `m${all.length}`, receivedAt, visibleAt: receivedAt + lagMs, hidden });
    }
    now += TICK_MS;
    moods = [...(round?.moods ?? [])];
    await poll(round?.crash ?? null);
  };
  await tick();
  for (const round of history) await tick(round);
  for (let minute = 0; minute < 8; minute += 1) await tick();
  const lost = all.filter(({ id }) => !noticed.has(id)).map(({ id }) => id);
  const times = all.map(({ id, receivedAt }) => (noticed.get(id) ?? now) - receivedAt);
  return { lost, ahead, slowest: Math.max(0, ...times) };
}
