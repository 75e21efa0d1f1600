import { type Attributes, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

import type { HttpRequest, HttpResponse } from './create-http-client.ts';

export interface TracedService {
  /** such as `ms4` */
  name: string;
  host: string;
  /** whether it is told which trace a request is part of */
  tellsTrace: boolean;
}

type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** By which either side finds the request again in its own logs. */
const REQUEST_IDS = ['client-request-id', 'idempotency-key'];
const RESPONSE_IDS = ['request-id', 'retry-after'];
/** What they look like; anything else is the other side's own words. */
const ID = /^[\w-]{1,64}$/;

const tracer = trace.getTracer('ms1');

/**
 * Sends a request, in a span of its own where it is made in one that is recorded. A path is no attribute: it names
 * mailboxes.
 */
export async function traceCall(
  request: HttpRequest,
  service: TracedService,
  send: Send,
): Promise<HttpResponse> {
  if (!trace.getActiveSpan()?.isRecording()) return send(request);
  const { method, headers = {} } = request;
  const span = tracer.startSpan(`${method} ${service.name}`, {
    kind: SpanKind.CLIENT,
    attributes: {
      'http.request.method': method,
      'server.address': service.host,
      ...idsOf('request', REQUEST_IDS, headers),
    },
  });
  try {
    const told = service.tellsTrace ? { ...request, headers: withTrace(headers, span) } : request;
    const response = await send(told);
    span.setAttributes({
      'http.response.status_code': response.status,
      ...idsOf('response', RESPONSE_IDS, response.headers),
    });
    if (response.status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
    return response;
  } catch (error) {
    span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
function withTrace(headers: Readonly<Record<string, string>>, span: Span): Record<string, string> {
  const { traceId, spanId } = span.spanContext();
  return { ...headers, traceparent: `00-${traceId}-${spanId}-01` };
}

function idsOf(
  side: 'request' | 'response',
  names: readonly string[],
  headers: Readonly<Record<string, string>>,
): Attributes {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return value !== undefined && ID.test(value)
        ? [[`http.${side}.header.${name}`, [value]] as const]
        : [];
    }),
  );
}
