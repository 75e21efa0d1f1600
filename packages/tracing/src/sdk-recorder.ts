/** Only imported where tracing is on: this file loads the SDK. */

import { randomBytes } from 'node:crypto';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import pTimeout, { TimeoutError } from 'p-timeout';

import type { MessageSpan, Recorder } from './recorder.ts';

export interface SdkOptions {
  /** such as `ms1-poller` */
  service: string;
  version: string;
  /** of all messages; 0 to 1 */
  ratio: number;
  /** as OTEL_EXPORTER_OTLP_HEADERS has them */
  headers?: string | undefined;
  onError: (error: Error) => void;
}

/** links of a span: as many as a batch has members at most */
const LINKS_MAX = 1_000;
/**
 * Spans that wait to be sent: a second of 5,000 messages with three spans each. Some 1 KB each, so 16 MB at most; what is
 * beyond is dropped.
 */
const QUEUE_MAX = 16_384;
/** spans a request: at 5,000 messages/s some seven requests a second, of 500 KB each */
const EXPORT_MAX = 1_024;

/** ms that a process takes at most to send its last spans: a collector that is away holds up no stop */
const CLOSE_MS = 2_000;

/** An exporter that says why it could not send. */
class TellingExporter extends OTLPTraceExporter {
  readonly #onError: (error: Error) => void;

  constructor(headers: Record<string, string>, onError: (error: Error) => void) {
    super({ headers });
    this.#onError = onError;
  }

  override export(...[spans, done]: Parameters<OTLPTraceExporter['export']>): void {
    super.export(spans, (result) => {
      if (result.error) this.#onError(result.error);
      done(result);
    });
  }
}

/** Records spans by OpenTelemetry's SDK, and sends them by OTLP over HTTP. */
export function createSdkRecorder(options: SdkOptions): Recorder {
  const resource = defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': options.service,
        'service.version': options.version,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));
  const processor = new BatchSpanProcessor({
    exporter: new TellingExporter(headersOf(options.headers), options.onError),
    maxQueueSize: QUEUE_MAX,
    maxExportBatchSize: EXPORT_MAX,
  });
  const sampler = new TraceIdRatioBasedSampler(options.ratio);
  const provider = new TracerProvider({
    sampler: new ParentBasedSampler({ root: sampler }),
    resource,
    spanLimits: { linkCountLimit: LINKS_MAX },
    spanProcessors: [processor],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  const scope = { name: 'ms1', version: options.version };
  return {
    tracer: provider.getTracer(scope.name, scope.version),
    isSampled: (traceId) =>
      options.ratio === 1 ||
      sampler.shouldSample(context.active(), traceId).decision ===
        SamplingDecision.RECORD_AND_SAMPLED,
    record: (span) => processor.onEnd(toReadable(span, resource, scope)),
    async close() {
      trace.disable();
      context.disable();
      await pTimeout(provider.shutdown(), { milliseconds: CLOSE_MS }).catch((error: unknown) => {
        // What the collector did not take was told already.
        if (error instanceof TimeoutError) options.onError(error);
      });
    },
  };
}

/**
 * Made whole, and not begun and ended by the SDK, which takes twice the time (17 us instead of 9, measured): there are three
 * for each message.
 */
function toReadable(
  span: MessageSpan,
  resource: Resource,
  instrumentationScope: ReadableSpan['instrumentationScope'],
): ReadableSpan {
  const { name, kind, root, isRoot, startedAt, attributes, links, failure } = span;
  const own = isRoot ? root : { ...root, spanId: nextSpanId(), isRemote: false };
  const endedAt = Date.now();
  return {
    name,
    kind,
    spanContext: () => own,
    ...(!isRoot && { parentSpanContext: root }),
    startTime: hrTime(startedAt),
    endTime: hrTime(endedAt),
    duration: hrTime(endedAt - startedAt),
    ended: true,
    status: failure === undefined ? UNSET : { code: SpanStatusCode.ERROR, message: failure },
    attributes,
    links,
    events: NONE,
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const UNSET = { code: SpanStatusCode.UNSET };
const NONE: ReadableSpan['events'] = [];

function hrTime(ms: number): [number, number] {
  return [Math.floor(ms / 1_000), (ms % 1_000) * 1_000_000];
}

/** Ids of a process: 32 bits that are its own, and a count. They need to differ only within the trace of one message. */
const OWN = randomBytes(4).toString('hex');
let count = 0;

function nextSpanId(): string {
  count = (count + 1) % 2 ** 32;
  return OWN + count.toString(16).padStart(8, '0');
}

/** Of `key=value,key=value`, percent-encoded; empty: the exporter has read what the environment says. */
function headersOf(text = ''): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? [];
    return name === undefined ? [] : [[name, decodeURIComponent((value ?? '').trim())] as const];
  });
  return Object.fromEntries(pairs);
}
