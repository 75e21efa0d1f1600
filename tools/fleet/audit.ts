import type { InjectedMessage, WitnessLedgers } from './witness-ledgers.ts';

/** What the fleet's own ledger says about a message. */
export type MessageFate = { state: string; reason: string | null } | null;

/** A message that needs explaining, for the person who looks. No content, only where to look. */
interface Witness extends InjectedMessage {
  state: string;
}

export interface Audit {
  injected: number;
  delivered: number;
  skipped: number;
  dead: number;
  /** in a mailbox, and neither stored nor skipped nor dead */
  unexplained: number;
  /** stored more than once */
  duplicates: number;
  /** stored, and in no mailbox */
  phantoms: number;
  /** by reason, as the fleet gives it */
  reasons: Record<string, number>;
  witnesses: Witness[];
}

const WITNESSES_MAX = 5;

/**
 * Compares what was injected with what was stored. Only for what is not stored does the fleet get a
 * word: whether it skipped the message or declared it dead, and why.
 */
export async function audit(
  ledgers: WitnessLedgers,
  fatesOf: (messages: readonly InjectedMessage[]) => Promise<MessageFate[]>,
): Promise<Audit> {
  ledgers.refresh();
  const doubled = ledgers.doubled();
  const result: Audit = {
    injected: ledgers.injected,
    delivered: ledgers.delivered,
    skipped: 0,
    dead: 0,
    unexplained: 0,
    duplicates: doubled.length,
    phantoms: ledgers.phantoms().length,
    reasons: {},
    witnesses: doubled.slice(0, WITNESSES_MAX).map((message) => ({ ...message, state: 'doubled' })),
  };
  const missing = ledgers.missing();
  const fates = await fatesOf(missing);
  for (const [index, message] of missing.entries()) {
    const fate = fates[index];
    if (fate?.state === 'skipped' || fate?.state === 'dead') {
      result[fate.state] += 1;
      const reason = `${fate.state}: ${fate.reason ?? 'no reason given'}`;
      result.reasons[reason] = (result.reasons[reason] ?? 0) + 1;
      continue;
    }
    result.unexplained += 1;
    if (result.witnesses.length < WITNESSES_MAX) {
      result.witnesses.push({ ...message, state: fate?.state ?? 'not in the ledger' });
    }
  }
  return result;
}

/** Nothing lost, nothing doubled, nothing made up. */
export function isClean(result: Audit, planned: number): boolean {
  return (
    result.injected === planned &&
    result.unexplained === 0 &&
    result.duplicates === 0 &&
    result.phantoms === 0
  );
}
