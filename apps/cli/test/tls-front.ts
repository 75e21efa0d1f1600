import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import type { Certificate } from './make-certificates.ts';

/** Answers in the place of what is behind; false: passes it on after all. */
export type Interference = (
  req: IncomingMessage,
  res: ServerResponse,
) => boolean | Promise<boolean>;

/** A proxy that ends TLS, as one stands before ingest-api and before MS4, and that can misbehave. */
export async function tlsFront(certificate: Certificate, behind: string) {
  const front = { interfere: null as Interference | null };
  const server = createServer(certificate, (req, res) => void answer(req, res));
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (await front.interfere?.(req, res)) return;
    const { method, headers, url } = req;
    const passed = request(`${behind}${url}`, { method: method ?? 'GET', headers }, (reply) => {
      res.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(res);
    });
    passed.once('error', () => res.writeHead(502).end());
    req.pipe(passed);
  };
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return {
    front,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    show: ({ cert, key }: Certificate) => server.setSecureContext({ cert, key }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
