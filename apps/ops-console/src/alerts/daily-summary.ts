import { onTimePercent } from '@ms1/console-api';
import type { MailboxEntry } from '@ms1/contracts';
import { DAY_MS, dayOf, type Tally, type TallyStore } from '@ms1/mailboxes';

import type { AlertStore } from './alert-store.ts';

/** What became of the mail of a day (UTC), by mailbox. */
export interface DailySummary {
  type: 'summary';
  /** of its day: whoever is told twice knows it again */
  id: string;
  /** 2026-11-30 */
  day: string;
  all: Figures;
  /** those that had any mail, the ones to look at first */
  mailboxes: ({ id: string; label: string } & Figures)[];
  /** ms since the epoch */
  at: number;
}

interface Figures {
  received: number;
  delivered: number;
  skipped: number;
  dead: number;
  unexplained: number;
  /** percent of the delivered, rounded down, that took a minute at most; null: nothing new was delivered */
  onTimePercent: number | null;
}

export interface SummaryOptions {
  tallies: Pick<TallyStore, 'read' | 'readAll'>;
  mailboxes: () => readonly Pick<MailboxEntry, 'mailboxId' | 'label'>[];
  alerts: Pick<AlertStore, 'summarised' | 'noteSummary'>;
  /** @throws when nobody was told: it is told again later */
  tell: (summary: DailySummary) => Promise<void>;
  /** of a day in UTC, from which the day before is told */
  hour: number;
  now: number;
}

const HOUR_MS = 3_600_000;
/** Mailboxes in a message for people; all are in the JSON. */
const SHOWN = 20;

/**
 * Tells of yesterday once, from an hour of today on, however often it is looked and whoever looks. What was told is
 * noted afterwards: who dies between the two tells it again, under the same id. A service that is new has no yesterday.
 */
export async function tellSummary(options: SummaryOptions): Promise<void> {
  const { alerts, tell, hour, now } = options;
  const today = dayOf(now);
  const told = await alerts.summarised();
  if (told === null) return alerts.noteSummary(today - 1);
  if (told >= today - 1 || now < today * DAY_MS + hour * HOUR_MS) return;
  await tell(await summaryOf(today - 1, options));
  await alerts.noteSummary(today - 1);
}

async function summaryOf(
  day: number,
  { tallies, mailboxes, now }: SummaryOptions,
): Promise<DailySummary> {
  const listed = mailboxes();
  const days = { first: day, last: day };
  const [all, each] = await Promise.all([
    tallies.readAll(days),
    tallies.read(
      listed.map(({ mailboxId }) => mailboxId),
      days,
    ),
  ]);
  const name = new Date(day * DAY_MS).toISOString().slice(0, 10);
  const rows = listed.flatMap(({ mailboxId: id, label }, index) => {
    const tally = each[index];
    return tally && Object.values(tally).some((n) => n > 0)
      ? [{ id, label, ...figuresOf(tally) }]
      : [];
  });
  return {
    type: 'summary',
    id: `summary-${name}`,
    day: name,
    all: figuresOf(all),
    mailboxes: rows.toSorted(
      (a, b) => b.unexplained - a.unexplained || b.dead - a.dead || b.received - a.received,
    ),
    at: now,
  };
}

function figuresOf(tally: Tally): Figures {
  const { read: received, delivered, skipped, dead, unexplained } = tally;
  const figures = { received, delivered, skipped, dead, unexplained };
  return { ...figures, onTimePercent: onTimePercent(tally) };
}

/** The same for people. */
export function summaryLines({ day, all, mailboxes }: DailySummary): string[] {
  const more = mailboxes.length - SHOWN;
  return [
    `${day} (UTC): ${inWords(all)}.`,
    ...mailboxes.slice(0, SHOWN).map((one) => `${one.label}: ${inWords(one)}`),
    ...(more > 0 ? [`and ${more} more mailboxes`] : []),
  ];
}

function inWords({ onTimePercent: onTime, ...figures }: Figures): string {
  const of = (n: number): string => n.toLocaleString('en');
  const within = onTime === null ? '' : ` (${onTime} % within a minute)`;
  return `${of(figures.received)} received, ${of(figures.delivered)} delivered${within}, ${of(figures.skipped)} skipped, ${of(figures.dead)} dead, ${of(figures.unexplained)} unexplained`;
}
