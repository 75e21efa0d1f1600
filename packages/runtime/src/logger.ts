import { trace } from '@opentelemetry/api';
import { type Logger, type LoggerOptions, pino } from 'pino';

import { plainError } from './plain-error.ts';

export type { Logger } from 'pino';

/**
 * Logs one JSON object a line to stdout. Messages are static, data goes in fields. It removes fields that could carry a
 * credential, even when somebody logs a whole request by mistake, and logs of an error only what is known to hold no
 * mail.
 */
export function createLogger(app: string, level: string): Logger {
  const options = {
    level,
    base: { app, pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: { err: plainError },
    mixin: ofTrace,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: ['authorization', '*.authorization', 'headers', '*.headers', 'token', '*.token'],
      remove: true,
    },
  } satisfies LoggerOptions;
  // Not pino's own default, whose exit hook retries for ever when nobody reads stdout any more: a
  // process whose parent was killed would never end (pino 10.4.0, sonic-boom 4.2.1; measured).
  return pino(options, pino.destination({ fd: 1, sync: true }));
}

/** Where a line is written within a span that is recorded: the trace that it is part of. */
function ofTrace(): { traceId?: string } {
  const span = trace.getActiveSpan();
  return span?.isRecording() ? { traceId: span.spanContext().traceId } : {};
}
