import { type SpanContext, TraceFlags } from '@opentelemetry/api';

/**
 * The trace of a message: its key, 128 bits of a hash (packages/contracts/src/message-key.ts), is its trace id. So every
 * process knows the trace of what it has in hand, samples the same messages, and no queue carries a byte for it
 * (docs/decisions/trace-by-key.md).
 */
export function traceIdOf(key: string): string {
  return Buffer.from(key, 'base64url').toString('hex');
}

/** The first span of a message's trace, whoever records it: the second half of the key. All others hang on it. */
export function rootOf(key: string): SpanContext & { isRemote: true } {
  const traceId = traceIdOf(key);
  return { traceId, spanId: traceId.slice(16), traceFlags: TraceFlags.SAMPLED, isRemote: true };
}
