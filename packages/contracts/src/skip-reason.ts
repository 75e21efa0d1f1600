/**
 * Skips that rest on a witness who may be wrong: Graph's word that it does not find a message, a directory that did not
 * name its mailbox. Whatever shows such a message again takes it back; a rule's word stands until an operator says.
 */
const REVOCABLE_SKIPS: readonly (string | null)[] = ['source_deleted', 'mailbox_removed'];

/** Whether a rule of its mailbox declined a message that was skipped for this reason. */
export function isRuled(reason: string): boolean {
  return reason.startsWith('rule_');
}

/** Whether a message that was skipped for this reason is queued again when it is noticed again. */
export function isRevocable(reason: string | null): boolean {
  return REVOCABLE_SKIPS.includes(reason);
}
