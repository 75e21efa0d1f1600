import type { Server } from 'node:net';
import { createHttpClient } from '@ms1/http-client';
import { createRetry } from '@ms1/resilience';
import { openServer } from '@ms1/testkit';

import type { Ms4ClientOptions } from '../src/create-ms4-client.ts';
import { createMs4Client, isMs4Transient } from '../src/index.ts';

interface ClientOf extends Pick<Ms4ClientOptions, 'auth' | 'gzipBytesMin'> {
  server: Server;
  scheme?: string;
  host?: string;
  tls?: Parameters<typeof createHttpClient>[0]['tls'];
}

/** The client of an MS4 on this machine, with three tries and hardly a pause between them. */
export async function openClient({
  server,
  scheme = 'http',
  host = '127.0.0.1',
  tls = {},
  ...own
}: ClientOf) {
  const open = await openServer(server);
  const http = createHttpClient({
    name: 'ms4',
    origin: `${scheme}://${host}:${open.port}`,
    connections: 2,
    timeoutMs: 30_000,
    responseBytesMax: 100_000,
    tls,
  });
  const backoff = { initialMs: 1, maxMs: 1 };
  const retry = createRetry({ attempts: 3, backoff, isWorthRetrying: isMs4Transient });
  return {
    client: createMs4Client({ ...own, http, retry, batchPath: '/v1/batches' }),
    async [Symbol.asyncDispose]() {
      await http.close();
      await open[Symbol.asyncDispose]();
    },
  };
}
