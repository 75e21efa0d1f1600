import type { MailboxEntry } from '@ms1/contracts';

import type { MailboxFacts, MailboxView } from '../api/mailbox-view.ts';
import { HELD_MS, STALE_MS } from '../live/mailbox-freshness.ts';

type Trouble = MailboxView['troubles'][number];
type Facts = Omit<MailboxFacts, 'troubles'>;

/** Share of the window's requests that backfill may use: from then on only new mail is read. */
const BACKFILL_SHARE = 0.8;

/**
 * What is not as it should be with a mailbox, the worst first, in words for people and with what to do.
 *
 * @param at now: ms since the epoch; isPushed: whether Graph announces anything of any mailbox
 */
export function troublesOf(
  mailbox: Pick<MailboxEntry, 'state' | 'addedAt'>,
  facts: Facts,
  { now, isPushed }: { now: number; isPushed: boolean },
): Trouble[] {
  if (mailbox.state === 'removed') return [REMOVED];
  if (mailbox.state === 'paused') return [PAUSED];
  const held = heldTrouble(facts.held);
  return [
    ...(held ?? walkTrouble(facts, mailbox.addedAt, now)),
    ...(isPushed ? pushTroubles(facts, now) : []),
    ...auditTrouble(facts),
    ...requestTrouble(facts),
  ];
}

const REMOVED: Trouble = {
  level: 'stopped',
  code: 'removed',
  title: 'Removed',
  text: 'It was removed: nothing of it is read any more.',
  remedy: 'Add it again to read it: ms1 mailboxes add.',
};

const PAUSED: Trouble = {
  level: 'stopped',
  code: 'paused',
  title: 'Paused',
  text: 'Somebody paused it: its new mail is not noticed.',
  remedy: 'Resume it, and all that came meanwhile is found.',
};

function heldTrouble(held: Facts['held']): Trouble[] | null {
  // A short wait now and then is how Graph spreads its load.
  if (!held || Date.parse(held.until) - Date.parse(held.since) < HELD_MS) return null;
  const { since, until, reason } = held;
  const next = `It is asked again by itself at ${timeOf(until)}, and its mail waits until then.`;
  if (reason === 'throttled') {
    return [
      {
        level: 'stopped',
        code: 'throttled',
        title: 'Throttled',
        text: `Microsoft 365 has refused requests for it since ${timeOf(since)}, because there were too many.`,
        remedy: `${next} If it happens every day, look for another program that reads it with the same app.`,
      },
    ];
  }
  return [
    {
      level: 'stopped',
      code: 'unavailable',
      title: 'Not available',
      text: `Microsoft 365 has not been able to open it since ${timeOf(since)}.`,
      remedy: `${next} If it lasts for hours, ask the Exchange administrator whether it is being moved.`,
    },
  ];
}

function walkTrouble({ folders }: Facts, since: number, now: number): Trouble[] {
  const late = folders.filter(
    ({ walkedAt }) => now - (walkedAt === null ? since : Date.parse(walkedAt)) > STALE_MS,
  );
  if (late.length === 0) return [];
  return [
    {
      level: 'attention',
      code: 'not_walked',
      title: 'Not looked through',
      text: `${partOf(late.length, folders.length)} not been looked through for more than five minutes, so mail that no notification told of is not found.`,
      remedy:
        'See whether a poller runs (ms1 fleet) and whether it may read the folder (ms1 doctor).',
    },
  ];
}

function pushTroubles({ folders }: Facts, now: number): Trouble[] {
  const bare = folders.filter(
    ({ subscription }) => !subscription || Date.parse(subscription.expiresAt) <= now,
  );
  if (bare.length > 0) {
    return [
      {
        level: 'attention',
        code: 'not_announced',
        title: 'No subscription',
        text: `${partOf(bare.length, folders.length)} no subscription, so Microsoft 365 tells of no new mail there. It is found within a minute all the same.`,
        remedy:
          'A subscription is made by itself within two minutes. If it stays away, ms1 doctor says why.',
      },
    ];
  }
  const late = folders.filter(
    ({ push }) => push?.walkedSoonerUntil && Date.parse(push.walkedSoonerUntil) > now,
  );
  if (late.length === 0) return [];
  const sum = (name: 'announced' | 'unannounced'): number =>
    late.reduce((total, { push }) => total + (push?.[name] ?? 0), 0);
  const all = sum('announced') + sum('unannounced');
  return [
    {
      level: 'attention',
      code: 'announced_late',
      title: 'Few notifications',
      text: `Of ${count(all, 'message', 'messages')} in the last hour, ${sum('unannounced').toLocaleString('en')} came without a notification, or before it.`,
      remedy:
        'It is looked through more often meanwhile, so mail comes through. See that Microsoft 365 reaches the webhook: ms1 doctor.',
    },
  ];
}

function auditTrouble({ folders }: Facts): Trouble[] {
  const many = folders.reduce((sum, { audited }) => sum + (audited?.unexplained ?? 0), 0);
  if (many === 0) return [];
  return [
    {
      level: 'attention',
      code: 'unexplained',
      title: 'Unexplained mail',
      text: `The last audit found ${count(many, 'message', 'messages')} that nothing accounts for.`,
      remedy:
        'They were put back and are read now. If the next audit finds some again, see the log of poller.',
    },
  ];
}

function requestTrouble({ requests: { used, most } }: Facts): Trouble[] {
  if (most === 0 || used < most * BACKFILL_SHARE) return [];
  return [
    {
      level: 'attention',
      code: 'requests_used',
      title: 'Requests used up',
      text: `${used.toLocaleString('en')} of the ${count(most, 'request', 'requests')} that Microsoft 365 allows are used: sessions and audits of it wait.`,
      remedy: 'Nothing need be done: new mail goes first, and the rest goes on within ten minutes.',
    },
  ];
}

/** `Its folder has`, `Its folders have`, `2 of its 3 folders have`. */
function partOf(some: number, all: number): string {
  if (all === 1) return 'Its folder has';
  return some === all
    ? 'Its folders have'
    : `${some} of its ${all} folders ${some === 1 ? 'has' : 'have'}`;
}

function count(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** `10:02 UTC` */
const timeOf = (moment: string): string => `${moment.slice(11, 16)} UTC`;
