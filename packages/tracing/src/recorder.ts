import type { SpanContext, Tracer } from '@opentelemetry/api';

/** What records spans, once it is on. */
export interface Recorder {
  readonly tracer: Tracer;
  /** whether spans of the trace are wanted; the same answer in every process */
  isSampled(traceId: string): boolean;
  /** runs with these ids for the next span that is started */
  withIds<T>(ids: Pick<SpanContext, 'traceId' | 'spanId'>, start: () => T): T;
  /** sends what is recorded, and stops */
  close(): Promise<void>;
}

/** Of the process, as OpenTelemetry's own: whoever is traced knows nothing of it. */
let current: Recorder | null = null;

/** Null while tracing is off: then nothing is to cost anything. */
export function recorder(): Recorder | null {
  return current;
}

export function setRecorder(next: Recorder | null): void {
  current = next;
}
