import { createServer, type RequestListener, type Server } from 'node:http';
import { listen } from '@ms1/runtime';

import { connectionOwner } from './client-address.ts';
import { keepConnections } from './keep-connections.ts';

export interface WebhookServer {
  server: Server;
  port: number;
}

/** Connections at once; Graph uses some dozens. Each costs some 20 KB: 40 MB in all. */
const CONNECTIONS_MAX = 2_000;
/** Of one address that is nobody's proxy: ten times what Graph uses. */
const CONNECTIONS_OF_ONE_MAX = 400;

/**
 * Serves the webhook with limits on everything that a sender could draw out or blow up.
 *
 * @throws {PortInUseError}
 */
export async function serveWebhook(
  handler: RequestListener,
  { host, port, trustedProxies = 0 }: { host: string; port: number; trustedProxies?: number },
): Promise<WebhookServer> {
  const server = createServer(
    {
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 8 * 1024,
      // Above the 60 s of usual front ends, so that they and not we end an idle connection.
      keepAliveTimeout: 65_000,
    },
    handler,
  );
  keepConnections(server, {
    most: CONNECTIONS_MAX,
    mostOfOne: CONNECTIONS_OF_ONE_MAX,
    ownerOf: (socket) => connectionOwner(socket, trustedProxies),
  });
  const listening = await listen(server, { host, port, variable: 'INGEST_API_PORT' });
  return { server, port: listening };
}
