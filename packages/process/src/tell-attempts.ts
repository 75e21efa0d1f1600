import type { Logger } from '@ms1/runtime';
import { recordedTraceOf, recordStep } from '@ms1/tracing';

/** What became of one message in one attempt. */
export interface Attempt {
  /** message key */
  key: string;
  outcome: string;
  /** a code */
  reason?: string | undefined;
  /** from 1 on */
  attempt: number;
  sessionId?: string | null | undefined;
  /** of MS4's request */
  batchId?: string | undefined;
  error?: Error | undefined;
}

/** Reasons are codes, and where another service made them up they look like one. */
const CODE = /^[A-Za-z][\w.-]{0,63}$/;

/**
 * Tells of attempts, each in one line of the log and one span: at `debug`, because the ledger knows of each and a batch has
 * a line of its own; what ended as a dead letter, at `warn`.
 *
 * @param step such as `prepare message`
 */
export function createTellAttempts(logger: Logger, step: string) {
  return (attempts: readonly Attempt[], startedAt: number): void => {
    const durationMs = Date.now() - startedAt;
    for (const { key, outcome, attempt, error, ...rest } of attempts) {
      const isDead = outcome === 'dead';
      const reason = rest.reason !== undefined && CODE.test(rest.reason) ? rest.reason : undefined;
      const { sessionId, batchId } = rest;
      recordStep(step, key, {
        startedAt,
        failure: isDead || outcome === 'retried' ? (reason ?? outcome) : undefined,
        attributes: {
          'ms1.outcome': outcome,
          ...(attempt > 1 && { 'ms1.attempt': attempt }),
          ...(reason !== undefined && { 'ms1.reason': reason }),
          ...(sessionId && { 'ms1.session.id': sessionId }),
          ...(batchId !== undefined && { 'ms1.ms4.batch_id': batchId }),
          ...requestIdOf(error),
        },
      });
      const level = isDead ? 'warn' : 'debug';
      if (!logger.isLevelEnabled(level)) continue;
      const traceId = recordedTraceOf(key);
      const fields = { key, traceId, outcome, reason, attempt, durationMs, sessionId, batchId };
      logger[level]({ ...fields, ...(error && { err: error }) }, step);
    }
  };
}

/** Of Graph's refusal. */
function requestIdOf(error: Error | undefined): Record<string, string> {
  const { requestId } = (error ?? {}) as { requestId?: unknown };
  return typeof requestId === 'string' ? { 'ms1.graph.request_id': requestId } : {};
}
