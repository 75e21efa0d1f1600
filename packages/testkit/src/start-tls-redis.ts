import { freePort } from './free-port.ts';
import { startRedis, type TestRedis } from './start-redis.ts';
import { createTlsFiles, type TlsFiles } from './tls-files.ts';

/** A server that speaks TLS. */
export interface TlsRedis extends Omit<TlsFiles, 'flags'> {
  /** without TLS, for the test itself */
  readonly server: TestRedis;
  /** where it speaks TLS; `user:password@` before it is the test's to add */
  readonly host: string;
}

/** @param options.wantsCertificate of its clients; default false */
export async function startTlsRedis(
  options: { wantsCertificate?: boolean } = {},
): Promise<TlsRedis> {
  await using stack = new AsyncDisposableStack();
  const { ca, client, files, flags } = stack.use(await createTlsFiles(options));
  const port = await freePort();
  const server = stack.use(await startRedis({ flags: flags(port) }));
  const opened = stack.move();
  return {
    server,
    host: `127.0.0.1:${port}`,
    ca,
    client,
    files,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
