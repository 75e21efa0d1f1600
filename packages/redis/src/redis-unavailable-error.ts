/** Redis does not answer. Its message never shows credentials. */
export class RedisUnavailableError extends Error {
  readonly code = 'redis_unavailable';

  constructor(where: string, options: { cause?: Error | undefined }) {
    const cause: NodeJS.ErrnoException | undefined = options.cause;
    const reason = cause?.code ?? cause?.message;
    super(
      `Redis at ${where} does not answer${reason ? ` (${reason})` : ''}: start it or set REDIS_URL`,
      options.cause ? { cause: options.cause } : {},
    );
    this.name = 'RedisUnavailableError';
  }
}

/** host:port of a Redis URL, without user and password */
export function describeRedisUrl(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '6379'}`;
}
