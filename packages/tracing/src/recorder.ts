import type { Attributes, Link, SpanContext, SpanKind, Tracer } from '@opentelemetry/api';

/** A span of a message, which is recorded when it is over. */
export interface MessageSpan {
  name: string;
  kind: SpanKind;
  /** the first of the message's trace */
  root: SpanContext;
  /** it is that one itself, and does not hang on it */
  isRoot: boolean;
  /** ms since the epoch */
  startedAt: number;
  attributes: Attributes;
  links: Link[];
  /** a code: it did not go well */
  failure?: string | undefined;
}

/** What records spans, once it is on. */
export interface Recorder {
  readonly tracer: Tracer;
  /** whether spans of the trace are wanted; the same answer in every process */
  isSampled(traceId: string): boolean;
  record(span: MessageSpan): void;
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
