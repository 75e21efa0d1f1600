import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

import { openServer } from './open-server.ts';

type AttributeValue = string | number | boolean | null | AttributeValue[];

/** A span as it came over the wire. */
export interface ReceivedSpan {
  /** `service.name` of the process that sent it */
  service: string;
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  /** of the span that it hangs on; empty: it is the first of its trace */
  parentSpanId: string;
  attributes: Readonly<Record<string, AttributeValue>>;
  links: readonly { traceId: string; spanId: string }[];
  droppedLinks: number;
  /** 2: an error */
  status: number;
}

export interface OtlpReceiver extends AsyncDisposable {
  /** for OTEL_EXPORTER_OTLP_ENDPOINT */
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  /** everything that came, as it came */
  readonly bodies: readonly string[];
  /** headers of the requests */
  readonly headers: readonly IncomingMessage['headers'][];
}

interface KeyValue {
  key: string;
  value: {
    stringValue?: string;
    intValue?: number | string;
    doubleValue?: number;
    boolValue?: boolean;
    arrayValue?: { values: KeyValue['value'][] };
  };
}

interface WireSpan
  extends Omit<ReceivedSpan, 'service' | 'parentSpanId' | 'attributes' | 'links' | 'status'> {
  parentSpanId?: string;
  attributes?: KeyValue[];
  links?: ReceivedSpan['links'];
  droppedLinksCount?: number;
  status?: { code?: number };
}

interface TraceRequest {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { spans: WireSpan[] }[];
  }[];
}

/**
 * What collects traces by OTLP over HTTP (JSON), as a collector does: `/v1/traces`, plain or gzipped
 * (https://opentelemetry.io/docs/specs/otlp/#otlphttp).
 */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const isTraces = req.method === 'POST' && req.url === '/v1/traces';
      if (!isTraces || req.headers['content-type'] !== 'application/json') {
        res.writeHead(isTraces ? 415 : 404).end();
        return;
      }
      const sent = Buffer.concat(chunks);
      const text = (
        req.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
      ).toString();
      bodies.push(text);
      headers.push(req.headers);
      spans.push(...spansOf(JSON.parse(text) as TraceRequest));
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}');
    });
  });
  const open = await openServer(server);
  return {
    endpoint: `http://127.0.0.1:${open.port}`,
    spans,
    bodies,
    headers,
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}

function spansOf({ resourceSpans }: TraceRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource.attributes)['service.name']);
    return scopeSpans
      .flatMap((scope) => scope.spans)
      .map(({ name, kind, traceId, spanId, parentSpanId = '', ...span }) => ({
        service,
        name,
        kind,
        traceId,
        spanId,
        parentSpanId,
        attributes: attributesOf(span.attributes),
        links: (span.links ?? []).map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
        droppedLinks: span.droppedLinksCount ?? 0,
        status: span.status?.code ?? 0,
      }));
  });
}

function attributesOf(pairs: readonly KeyValue[] = []): Record<string, AttributeValue> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, valueOf(value)]));
}

function valueOf(value: KeyValue['value']): AttributeValue {
  if (value.arrayValue) return value.arrayValue.values.map(valueOf);
  return (
    value.stringValue ??
    value.boolValue ??
    value.doubleValue ??
    Number(value.intValue ?? Number.NaN)
  );
}
