import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { openServer } from '@ms1/testkit';

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
  const open = await openServer(server);
  return {
    front,
    url: `https://127.0.0.1:${open.port}`,
    show: ({ cert, key }: Certificate) => server.setSecureContext({ cert, key }),
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}
