import {
  type AuditVerdict,
  type IngestMessage,
  isRevocable,
  type LedgerEntry,
  messageKey,
} from '@ms1/contracts';
import type { Ledger } from '@ms1/ledger';
import type { LocateJobs } from '@ms1/queue';

export interface JudgeOptions {
  ledger: Pick<Ledger, 'known'>;
  /** where the job of each message is; null where there is none */
  locate: LocateJobs;
  /** ms since the epoch: not before it Graph has shown the messages */
  listedAt: number;
}

export interface Judgement {
  message: IngestMessage;
  key: string;
  verdict: AuditVerdict;
  /** reason of a skip, believed or not, cause of a death, queue of what is in flight, `not_noticed` or `job_gone` */
  why: string;
  /** dead on its queue, and the ledger was not told: its worker died too often to say so */
  untold: boolean;
}

/**
 * Judges messages by what the ledger and the queues say. A state that is not final is believed only
 * when its job exists, and that it was not there when it was skipped only until Graph shows it. In this order a message that moves on meanwhile is never called unexplained:
 * its job is on the next queue before it leaves one, and its state is final before it leaves the last.
 */
export async function judgeMessages(
  { ledger, locate, listedAt }: JudgeOptions,
  messages: readonly IngestMessage[],
): Promise<Judgement[]> {
  const judged = messages.map((message) => ({ message, key: messageKey(message) }));
  const first = await ledger.known(judged.map(({ key }) => key));
  const open = judged.flatMap(({ key }, index) => (isFinal(first[index]) ? [] : [key]));
  const places = open.length === 0 ? [] : await locate(open);
  const placeOf = new Map(open.map((key, index) => [key, places[index] ?? null]));
  const lost = open.filter((key) => !placeOf.get(key));
  const again = lost.length === 0 ? [] : await ledger.known(lost);
  const later = new Map(lost.map((key, index) => [key, again[index] ?? null]));

  return judged.map(({ message, key }, index) => {
    const entry = later.get(key) ?? first[index] ?? null;
    return {
      message: withSession(message, entry),
      key,
      ...verdictOf(entry, placeOf.get(key), listedAt),
    };
  });
}

function isFinal(entry: LedgerEntry | null | undefined): boolean {
  return entry !== null && entry !== undefined && !['queued', 'prepared'].includes(entry.state);
}

function verdictOf(
  entry: LedgerEntry | null,
  place: { queue: string; failed: boolean } | null | undefined,
  listedAt: number,
): Pick<Judgement, 'verdict' | 'why' | 'untold'> {
  if (entry?.state === 'delivered') return { verdict: 'delivered', why: '', untold: false };
  if (entry?.state === 'skipped' && isRevocable(entry.reason) && entry.at < listedAt) {
    return { verdict: 'unexplained', why: entry.reason ?? '', untold: false };
  }
  if (entry?.state === 'skipped' || entry?.state === 'dead') {
    return { verdict: entry.state, why: entry.reason ?? 'unknown', untold: false };
  }
  if (place?.failed) return { verdict: 'dead', why: 'job_failed', untold: true };
  if (place) return { verdict: 'inFlight', why: place.queue, untold: false };
  return { verdict: 'unexplained', why: entry ? 'job_gone' : 'not_noticed', untold: false };
}

/** What is put back stays with the session it belongs to. */
function withSession(message: IngestMessage, entry: LedgerEntry | null): IngestMessage {
  return entry?.sessionId ? { ...message, sessionId: entry.sessionId } : message;
}
