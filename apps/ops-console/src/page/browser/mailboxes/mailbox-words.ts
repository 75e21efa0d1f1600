import type { Mailbox } from '../state/mailboxes.ts';
import { ago, counted, duration, number, secondOf } from '../words.ts';

/** The worst of its troubles, for a sign and a colour. */
export const levelOf = ({ troubles }: Pick<Mailbox, 'troubles'>) => troubles[0]?.level ?? 'well';

/** When the folder that was looked through least recently was; null: one of them was not within a day. */
export function walkedAt({ folders }: Pick<Mailbox, 'folders'>): string | null {
  const [oldest = null] = folders
    .map((folder) => folder.walkedAt ?? '')
    .toSorted((a, b) => a.localeCompare(b));
  return oldest === '' ? null : oldest;
}

/** New mail of the last hour in all its folders, and what of it a notification told of before it was found. */
export function pushOf({ folders }: Pick<Mailbox, 'folders'>) {
  let [told, all, late] = [0, 0, 0];
  for (const { push } of folders) {
    if (!push) continue;
    told += push.announced;
    all += push.announced + push.unannounced;
    late += (push.lateSeconds ?? 0) * push.announced;
  }
  return { told, all, lateSeconds: told === 0 ? 0 : late / told };
}

export function pushSentence(mailbox: Pick<Mailbox, 'folders'>): string {
  const { told, all, lateSeconds } = pushOf(mailbox);
  const late = duration(Math.max(1, lateSeconds));
  if (all === 0) return 'No mail came in the last hour.';
  if (all === 1) {
    return told === 1
      ? `A notification told of the one message of the last hour ${late} after it came.`
      : 'No notification told of the one message of the last hour: it was found by looking.';
  }
  const many = counted(all, 'message');
  if (told === 0) {
    return `No notification told of the ${many} of the last hour: they were found by looking.`;
  }
  const average = `on average ${late} after they came`;
  return told === all
    ? `Notifications told of all ${many} of the last hour, ${average}.`
    : `Notifications told of ${number(told)} of the ${many} of the last hour, ${average}. The others were found by looking.`;
}

export function onTimeSentence({ onTime: { today, month } }: Pick<Mailbox, 'onTime'>): string {
  if (month.timed === 0) return 'None of its mail was delivered in the last 30 days.';
  const kept = ({ timed, late }: typeof month) =>
    `${number(timed - late)} of ${counted(timed, 'message')}`;
  const now = today.timed === 0 ? 'none came' : `it was ${kept(today)}`;
  return `${kept(month)} of the last 30 days were delivered within a minute of coming. Today ${now}.`;
}

export function requestsSentence({
  requests: { used, most, seconds },
}: Pick<Mailbox, 'requests'>): string {
  return `${number(used)} of the ${counted(most, 'request')} that Microsoft 365 allows in ${duration(seconds)} are used.`;
}

export function heldSentence({ held }: Pick<Mailbox, 'held'>, now: number): string {
  if (!held) return 'Microsoft 365 takes requests for it.';
  const what = held.reason === 'throttled' ? 'throttles it' : 'cannot open it';
  const since = `${secondOf(held.since)} (${ago(held.since, now)})`;
  return `Since ${since} Microsoft 365 ${what}. It is asked again at ${secondOf(held.until)}.`;
}

/** By the subscription of its folders that ends first. */
export function subscriptionSentence({ folders }: Pick<Mailbox, 'folders'>, now: number): string {
  const [first] = folders
    .flatMap(({ subscription }) => subscription?.expiresAt ?? [])
    .toSorted((a, b) => a.localeCompare(b));
  if (first === undefined) return 'It has none: its mail is found by looking.';
  const left = timeLeft(first, now);
  return left === null ? 'It has ended.' : `It has ${left} left, and is renewed before.`;
}

/** `6 days`; null: it is over. */
export function timeLeft(expiresAt: string, now: number): string | null {
  const seconds = (Date.parse(expiresAt) - now) / 1_000;
  return seconds <= 0 ? null : duration(seconds);
}
