import {
  type Attributes,
  context,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

import { rootOf, traceIdOf } from './message-trace.ts';
import { recorder } from './recorder.ts';

export interface StepOptions {
  /** ms since the epoch */
  startedAt: number;
  /** ids, codes and counts: nothing of what a message says */
  attributes?: Attributes;
  /** a code: it did not go well */
  failure?: string | undefined;
}

const KEY = 'ms1.message.key';

/** The trace id of a message, for a line of the log; undefined where nobody records its trace. */
export function recordedTraceOf(key: string): string | undefined {
  const traceId = traceIdOf(key);
  return recorder()?.isSampled(traceId) ? traceId : undefined;
}

/** The span that this is called in, to link to. */
export function currentSpan(): SpanContext | undefined {
  const span = recorder() && trace.getActiveSpan();
  return span?.isRecording() ? span.spanContext() : undefined;
}

/** The first span of each message's trace: it was noticed. Linked to what it was found by. */
export function recordNotices(keys: Iterable<string>, options: StepOptions): void {
  for (const key of keys) {
    const attributes = { [KEY]: key, ...options.attributes };
    record('notice message', SpanKind.PRODUCER, key, true, { ...options, attributes });
  }
}

/** A step of one message that is over. Linked to the span that it was part of, its batch's. */
export function recordStep(name: string, key: string, options: StepOptions): void {
  record(name, SpanKind.CONSUMER, key, false, options);
}

function record(
  name: string,
  kind: SpanKind,
  key: string,
  isRoot: boolean,
  { attributes = {}, ...rest }: StepOptions,
): void {
  const on = recorder();
  if (!on) return;
  const root = rootOf(key);
  if (!on.isSampled(root.traceId)) return;
  on.record({ name, kind, root, isRoot, attributes, links: linksTo(currentSpan()), ...rest });
}

/**
 * Runs work on several messages in one span: linked to each that is sampled, and part of the first one's trace, so that
 * the requests made for it are in a message's trace. Without any it runs as it is.
 */
export async function inBatch<T>(
  name: string,
  keysOf: () => readonly string[],
  run: () => Promise<T>,
): Promise<T> {
  const on = recorder();
  if (!on) return run();
  const roots = keysOf()
    .map(rootOf)
    .filter(({ traceId }) => on.isSampled(traceId));
  const [first] = roots;
  if (!first) return run();
  const links = roots.map((root): Link => ({ context: root }));
  const parent = trace.setSpanContext(ROOT_CONTEXT, first);
  return inside(name, { kind: SpanKind.CONSUMER, links }, parent, run);
}

/**
 * Runs work that is about no message yet, within the span that this is called in, or in a trace of its own.
 *
 * @param from what else led to it
 */
export async function inSpan<T>(
  name: string,
  kind: 'server' | 'internal',
  run: () => Promise<T>,
  from: readonly (SpanContext | undefined)[] = [],
): Promise<T> {
  if (!recorder()) return run();
  const options = {
    kind: kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL,
    links: from.flatMap(linksTo),
  };
  return inside(name, options, context.active(), run);
}

/** Says of the span that this is called in what came of it. */
export function annotate(attributes: Attributes, failure?: string): void {
  if (!recorder()) return;
  const span = trace.getActiveSpan();
  span?.setAttributes(attributes);
  if (failure !== undefined) span?.setStatus({ code: SpanStatusCode.ERROR, message: failure });
}

async function inside<T>(
  name: string,
  options: { kind: SpanKind; links: Link[] },
  parent: typeof ROOT_CONTEXT,
  run: () => Promise<T>,
): Promise<T> {
  const on = recorder();
  if (!on) return run();
  const span = on.tracer.startSpan(name, options, parent);
  try {
    return await context.with(trace.setSpan(parent, span), run);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
    throw error;
  } finally {
    span.end();
  }
}

function linksTo(to: SpanContext | undefined): Link[] {
  return to ? [{ context: to }] : [];
}
