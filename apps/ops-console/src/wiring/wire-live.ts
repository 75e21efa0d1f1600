import type { WatchedDirectory } from '@ms1/mailboxes';
import type { Clock } from '@ms1/runtime';

import { CauseSummary } from '../live/cause-summary.ts';
import { LiveFeed, type LiveFeedOptions } from '../live/live-feed.ts';
import { MailboxFreshness } from '../live/mailbox-freshness.ts';
import { Sampler } from '../live/sampler.ts';
import { readOnTime } from '../mailboxes/read-on-time.ts';
import { SessionRates } from '../sessions/session-rates.ts';
import type { ConsoleStores } from './open-stores.ts';

export interface LiveOptions {
  stores: ConsoleStores;
  mailboxes: WatchedDirectory;
  clock: Clock;
  feed: Pick<LiveFeedOptions, 'onError'> & Partial<LiveFeedOptions>;
}

/** Wires the sampler of the service to the feed that the pages listen to. */
export function wireLive({ stores, mailboxes, clock, feed }: LiveOptions) {
  const rates = new SessionRates(clock);
  const sampler = new Sampler({
    depths: stores.depths,
    ledger: stores.ledger,
    gate: stores.gate,
    sessions: stores.sessions,
    rateOf: (session) => rates.rateOf(session),
    causes: new CauseSummary({
      groups: () => stores.letters.groups(),
      triage: stores.triage,
      clock,
    }),
    mailboxes: new MailboxFreshness({
      mailboxes: () => mailboxes.current.listed(),
      yields: (refs) => stores.yields.readMany(refs),
      states: stores.states,
      onTime: (ids) => readOnTime(stores.tallies, ids, clock.now()),
      clock,
    }),
    processes: () => stores.processes.list(),
    resetAt: () => mailboxes.resetAt,
    clock,
  });
  return {
    sampler,
    feed: new LiveFeed({
      look: () => sampler.overview(),
      ended: (loginIds) => stores.logins.ended(loginIds),
      ...feed,
    }),
  };
}
