/** Only imported where tracing is on: this file loads the SDK. */

import { randomBytes } from 'node:crypto';
import { context, type SpanContext, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type IdGenerator,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import pTimeout from 'p-timeout';

import type { Recorder } from './recorder.ts';

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

/** Random ids, but for a span whose ids are somebody's already. */
class Ids implements IdGenerator {
  #next: Pick<SpanContext, 'traceId' | 'spanId'> | null = null;

  with<T>(next: Pick<SpanContext, 'traceId' | 'spanId'>, start: () => T): T {
    this.#next = next;
    try {
      return start();
    } finally {
      this.#next = null;
    }
  }

  generateTraceId(): string {
    return this.#next?.traceId ?? randomBytes(16).toString('hex');
  }

  generateSpanId(): string {
    return this.#next?.spanId ?? randomBytes(8).toString('hex');
  }
}

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
  const ids = new Ids();
  const sampler = new TraceIdRatioBasedSampler(options.ratio);
  const provider = new TracerProvider({
    idGenerator: ids,
    sampler: new ParentBasedSampler({ root: sampler }),
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.name': options.service,
          'service.version': options.version,
        }),
      )
      .merge(detectResources({ detectors: [envDetector] })),
    spanLimits: { linkCountLimit: LINKS_MAX },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new TellingExporter(headersOf(options.headers), options.onError),
        maxQueueSize: QUEUE_MAX,
        maxExportBatchSize: EXPORT_MAX,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return {
    tracer: provider.getTracer('ms1', options.version),
    isSampled: (traceId) =>
      sampler.shouldSample(context.active(), traceId).decision ===
      SamplingDecision.RECORD_AND_SAMPLED,
    withIds: (next, start) => ids.with(next, start),
    async close() {
      trace.disable();
      context.disable();
      await pTimeout(provider.shutdown(), { milliseconds: CLOSE_MS }).catch(options.onError);
    },
  };
}

/** Of `key=value,key=value`, percent-encoded; empty: the exporter has read what the environment says. */
function headersOf(text = ''): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? [];
    return name === undefined ? [] : [[name, decodeURIComponent((value ?? '').trim())] as const];
  });
  return Object.fromEntries(pairs);
}
