import { trace } from '@opentelemetry/api';
import { type Logger, type LoggerOptions, pino } from 'pino';

import { codeOf, plainError } from './plain-error.ts';

export type { Logger } from 'pino';

/** pino's number of the level */
const WARN = 40;

/**
 * Logs one JSON object a line to stdout. Messages are static, data goes in fields. It removes fields that could carry a
 * credential, even when somebody logs a whole request by mistake, and logs of an error only what is known to hold no
 * mail.
 *
 * @param onError told of each error that is logged as a warning or worse: what kind it was
 */
export function createLogger(
  app: string,
  level: string,
  onError: (code: string) => void = () => undefined,
): Logger {
  const options = {
    level,
    base: { app, pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: { err: plainError },
    mixin: ofTrace,
    hooks: {
      logMethod(args, method, at) {
        const { err } = Object(args[0]) as { err?: unknown };
        if (at >= WARN && err !== undefined) onError(codeOf(err));
        method.apply(this, args);
      },
    },
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
