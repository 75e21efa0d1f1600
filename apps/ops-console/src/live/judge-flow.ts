import type { Concern, HeldMailbox, Overview } from '@ms1/console-api';
import type { CredentialName } from '@ms1/coordination';

/** What a judgement is made from. */
export type Observed = Pick<Overview, 'queues' | 'ms4' | 'rates'> & {
  deadLetters: Pick<Overview['deadLetters'], 'total' | 'snoozed'>;
  mailboxes: Pick<Overview['mailboxes'], 'total' | 'stale' | 'held' | 'heldTotal'>;
  /** those that say that they are not ready, with the names of the checks that fail */
  unready: readonly { app: string; unready: readonly string[] }[];
  /** when credentials of ours end, ms since the epoch, and in how many ms; left out: nobody knows */
  ends?: readonly { name: CredentialName; at: number; inMs: number }[];
  /** since the store was found empty and begun anew; null or left out: not that anybody remembers */
  resetSecondsAgo?: number | null;
};

/** Seconds that a message may wait while others leave: two minutes are noticed by whoever waits for an invoice. */
const SLOW_SECONDS = 120;
/** Seconds without one leaving after which a queue does not move: three times the window of the rates. */
const STUCK_SECONDS = 30;

/** Whether mail flows, and what is in its way, in words for people. The worst comes first. */
export function judgeFlow(observed: Observed): {
  verdict: Overview['verdict'];
  headline: string;
  concerns: Concern[];
} {
  const { queues, rates } = observed;
  const concerns = [
    ...queueConcerns(observed),
    ...ms4Concerns(observed),
    ...deadLetterConcerns(observed),
    ...mailboxConcerns(observed),
    ...fleetConcerns(observed),
    ...storeConcerns(observed),
    ...credentialConcerns(observed),
  ].toSorted((a, b) => rank(a) - rank(b));
  const moves = (rates.noticed ?? 0) + (rates.delivered ?? 0) > 0;
  const waits = queues.some(
    ({ name, waiting, active }) => name !== 'polling' && waiting + active > 0,
  );
  const verdict = concerns[0]?.level ?? (moves || waits ? 'flowing' : 'quiet');
  return { verdict, headline: headlineOf(verdict, moves, waits), concerns };
}

function headlineOf(verdict: Overview['verdict'], moves: boolean, waits: boolean): string {
  switch (verdict) {
    case 'stopped':
      return 'Mail has stopped';
    case 'flowing':
      return 'Mail is flowing';
    case 'quiet':
      return 'All quiet';
    case 'attention':
      // Something is to be looked at, and yet mail comes through: that it does is the first thing to know.
      if (moves) return 'Mail is flowing, with something to look at';
      return waits ? 'Mail waits, and needs a look' : 'All quiet, with something to look at';
  }
}

const rank = ({ level }: Concern): number => (level === 'stopped' ? 0 : 1);

function queueConcerns({ queues, rates }: Observed): Concern[] {
  const leaving = { polling: null, inbound: rates.prepared, outbound: rates.delivered };
  return queues.flatMap((queue): Concern[] => {
    const { name, waiting, paused, gatedForSeconds, oldestSeconds } = queue;
    if (paused) {
      const text = `${name} is paused: nothing is taken from it.`;
      return [{ level: 'stopped', code: 'queue_paused', text }];
    }
    // The rate to MS4 gates its queue many times a minute; only a wait that people would notice is told.
    if (gatedForSeconds >= 5) {
      const text = `${name} takes its next job in ${duration(gatedForSeconds)}: a rate limit holds it.`;
      return [{ level: 'attention', code: 'queue_gated', text }];
    }
    if (waiting === 0 || oldestSeconds === null) return [];
    const wait = `${count(waiting, 'job waits', 'jobs wait')} in ${name}, the oldest for ${duration(oldestSeconds)}`;
    if (oldestSeconds >= STUCK_SECONDS && leaving[name] === 0) {
      return [{ level: 'stopped', code: 'queue_stuck', text: `${wait}, and none leaves.` }];
    }
    if (oldestSeconds < SLOW_SECONDS) return [];
    return [{ level: 'attention', code: 'queue_slow', text: `${wait}.` }];
  });
}

function ms4Concerns({ ms4: { gate, forSeconds } }: Observed): Concern[] {
  const wait = forSeconds >= 1 ? `, asked again in ${duration(forSeconds)}` : '';
  if (gate === 'tripped' || gate === 'probing') {
    const breaker = gate === 'tripped' ? 'open' : 'half-open';
    const text = `MS4 does not answer: its breaker is ${breaker}${wait}.`;
    return [{ level: 'stopped', code: 'ms4_down', text }];
  }
  if (gate !== 'held') return [];
  return [{ level: 'attention', code: 'ms4_holds', text: `MS4 asked us to wait${wait}.` }];
}

function deadLetterConcerns({ deadLetters: { total, snoozed } }: Observed): Concern[] {
  // The total is newer than what was looked at closely.
  const left = total - snoozed;
  if (left <= 0) return [];
  const text = `${count(left, 'message is a dead letter', 'messages are dead letters')}: replay or discard them.`;
  return [{ level: 'attention', code: 'dead_letters', text }];
}

function mailboxConcerns({ mailboxes: { stale, total, held, heldTotal } }: Observed): Concern[] {
  const text = `${stale} of ${count(total, 'mailbox was', 'mailboxes were')} not walked for a while.`;
  const [first] = held;
  return [
    ...(stale > 0 ? [{ level: 'attention', code: 'mailboxes_stale', text } as const] : []),
    ...(first
      ? [{ level: 'attention', code: 'mailboxes_held', text: heldText(first, heldTotal) } as const]
      : []),
  ];
}

function heldText({ label, reason, since, until }: HeldMailbox, total: number): string {
  const others = total > 1 ? ` and ${count(total - 1, 'other', 'others')}` : '';
  const what = reason === 'throttled' ? 'Graph throttles' : 'Graph cannot serve';
  const times = `since ${since.slice(11, 16)}, asked again at ${until.slice(11, 16)} UTC`;
  return `${what} ${label}${others} ${times}: mail there waits.`;
}

function fleetConcerns({ unready }: Observed): Concern[] {
  return [...Map.groupBy(unready, ({ app }) => app)].map(([app, processes]) => {
    const checks = [...new Set(processes.flatMap((process) => process.unready))].join(', ');
    const many = processes.length > 1 ? `${processes.length} of ${app} are` : `${app} is`;
    const text = `${many} not ready (${checks}): its /readyz says why.`;
    return { level: 'attention', code: 'not_ready', text };
  });
}

/** Seconds for which a reset is told: its mail is read again within minutes, and people look now and then. */
const RESET_TOLD_SECONDS = 3_600;

function storeConcerns({ resetSecondsAgo = null }: Observed): Concern[] {
  if (resetSecondsAgo === null || resetSecondsAgo > RESET_TOLD_SECONDS) return [];
  const text = `The store was reset ${duration(resetSecondsAgo)} ago: Redis came back empty. Mailboxes are put back and mail is read again; sessions and counts of before are lost.`;
  return [{ level: 'attention', code: 'store_reset', text }];
}

const DAY_MS = 86_400_000;
/** Days before a credential ends from which people are told: somebody has to make another, perhaps elsewhere. */
const ENDS_DAYS = 14;
const CREDENTIAL_WORDS: Record<CredentialName, string> = {
  graph: 'Our credential for Microsoft Graph',
  ms4: 'Our credential for MS4',
};

function credentialConcerns({ ends = [] }: Observed): Concern[] {
  return ends.flatMap(({ name, at, inMs }): Concern[] => {
    if (inMs > ENDS_DAYS * DAY_MS) return [];
    const days = Math.floor(inMs / DAY_MS);
    const when = inMs < 0 ? 'has ended' : `ends in ${count(days, 'day', 'days')}`;
    const on = new Date(at).toISOString().slice(0, 10);
    const text = `${CREDENTIAL_WORDS[name]} ${when}, on ${on}: make another and hand it over.`;
    return [{ level: 'attention', code: 'credential_ends', text }];
  });
}

function count(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
