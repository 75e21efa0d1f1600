import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/**
 * One JSON object a line on stdout. Messages are static, data goes in fields. Fields that could carry
 * a credential are removed even when somebody logs a whole request by mistake.
 */
export function createLogger(app: string, level: string): Logger {
  return pino({
    level,
    base: { app, pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['authorization', '*.authorization', 'headers', '*.headers', 'token', '*.token'],
      remove: true,
    },
  });
}
