import {
  AUDIT_WITNESSES_MAX,
  type AuditResult,
  type AuditWitness,
  type IngestMessage,
  isRevocable,
  isRuled,
} from '@ms1/contracts';
import { timeOf } from '@ms1/graph-client';
import type { Ledger } from '@ms1/ledger';
import type { Clock } from '@ms1/runtime';

import { type ListWindowOptions, listWindow } from '../listing/list-window.ts';
import { toIngestMessage } from '../polling/to-ingest-message.ts';
import type { WalkedFolder } from '../polling/walk-folder.ts';
import { type Judgement, type JudgeOptions, judgeMessages } from './judge-messages.ts';

export interface AuditOptions extends ListWindowOptions {
  ledger: Pick<Ledger, 'known' | 'record'>;
  locate: JudgeOptions['locate'];
  /** resolves when the messages are on `inbound` */
  putBack: (messages: IngestMessage[]) => Promise<void>;
  clock: Clock;
}

/** One folder in a window. */
export interface AuditedWindow {
  folder: WalkedFolder;
  /** RFC 3339; null: no bound */
  from: string | null;
  to: string | null;
  sessionId: string | null;
  repair: boolean;
  /** RFC 3339: mail before it is left alone unless a session asked for it; null: none is */
  since: string | null;
  /** takes messages again that are skipped for this reason, and nothing else */
  replay?: string | undefined;
}

/**
 * Lists what Graph has in a folder and accounts for each message. With `repair` what is unexplained is
 * put back on `inbound`, and a dead letter that the ledger was not told of is told to it; repairing
 * twice, or beside whoever notices the same message, changes nothing.
 *
 * @throws {GraphError}
 * @throws {EndlessWalkError}
 * @throws the signal's reason when it aborts: the audit begins anew
 */
export async function auditFolder(
  options: AuditOptions,
  { folder, from, to, sessionId, repair, since, replay }: AuditedWindow,
  signal: AbortSignal,
): Promise<AuditResult> {
  const { tenantId, mailboxId, folderId } = folder;
  const listedAt = options.clock.now();
  const now = new Date(listedAt).toISOString();
  const source = 'backfill' as const;
  const noticing = { tenantId, mailboxId, folderId, source, sessionId, noticedAt: now };
  const tally = new Tally();
  for await (const page of listWindow(options, { mailboxId, folderId, from, to }, signal)) {
    const times = new Map(page.messages.map(({ id, message }) => [id, message?.receivedDateTime]));
    const messages = page.messages.map((message) => toIngestMessage(message, noticing));
    const judgements = await judgeMessages({ ...options, listedAt }, messages);
    const lost: IngestMessage[] = [];
    for (const judgement of judgements) {
      const receivedAt = times.get(judgement.message.messageId) ?? null;
      const old = judgement.why === 'not_noticed' && isBefore(receivedAt, since);
      const told = old ? LEFT_ALONE : judgement;
      const unexplained = tally.add(told, judgement, receivedAt);
      if (replay === undefined ? unexplained : isSkippedFor(told, replay)) {
        const { message } = judgement;
        // The rule that declined it would do so again: who replays it knows better.
        lost.push(
          replay !== undefined && isRuled(replay) ? { ...message, overruled: true } : message,
        );
      }
    }
    tally.missing += page.missing;
    if (!repair) continue;
    await tellDeaths(options, judgements);
    if (lost.length > 0) await options.putBack(lost);
    tally.repaired += lost.length;
  }
  return { at: now, from, to, ...tally.result() };
}

/** Older than what the service was asked to take: the ledger knows nothing of it, a replay takes it all the same. */
const LEFT_ALONE = { verdict: 'skipped', why: 'before_since' } as const;

/** Also when nobody believes it any more, because the mailbox shows the message. */
function isSkippedFor(
  { verdict, why }: Pick<Judgement, 'verdict' | 'why'>,
  reason: string,
): boolean {
  return (verdict === 'skipped' || isRevocable(why)) && why === reason;
}

async function tellDeaths(
  { ledger, clock }: AuditOptions,
  judgements: readonly Judgement[],
): Promise<void> {
  const untold = judgements.filter((judgement) => judgement.untold);
  if (untold.length === 0) return;
  await ledger.record(
    untold.map(({ key, message: { sessionId }, why }) => ({
      key,
      state: 'dead',
      at: clock.now(),
      sessionId,
      reason: why,
    })),
  );
}

function isBefore(receivedAt: string | null, since: string | null): boolean {
  const at = timeOf(receivedAt);
  return at !== null && since !== null && at < Date.parse(since);
}

class Tally {
  repaired = 0;
  missing = 0;
  #listed = 0;
  readonly #counts = { delivered: 0, skipped: 0, dead: 0, inFlight: 0, unexplained: 0 };
  readonly #reasons: Record<string, number> = {};
  readonly #witnesses: AuditWitness[] = [];

  /** Counts a message. True when nothing explains it. */
  add(
    { verdict, why }: Pick<Judgement, 'verdict' | 'why'>,
    { key, message: { mailboxId, messageId } }: Judgement,
    receivedAt: string | null,
  ): boolean {
    this.#listed += 1;
    this.#counts[verdict] += 1;
    if (why !== '') {
      const reason = `${verdict}:${why}`;
      this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    }
    if (verdict !== 'unexplained') return false;
    if (this.#witnesses.length < AUDIT_WITNESSES_MAX) {
      const at = { key, mailboxId, messageId, receivedAt };
      if (why === 'not_noticed' || why === 'job_gone') this.#witnesses.push({ ...at, why });
      else this.#witnesses.push({ ...at, why: 'job_gone', skipped: why });
    }
    return true;
  }

  result(): Omit<AuditResult, 'at' | 'from' | 'to'> {
    return {
      listed: this.#listed,
      counts: this.#counts,
      reasons: this.#reasons,
      repaired: this.repaired,
      ...(this.missing > 0 && { missing: this.missing }),
      witnesses: this.#witnesses,
    };
  }
}
