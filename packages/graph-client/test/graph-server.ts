import { createServer, type IncomingHttpHeaders } from 'node:http';
import { openServer } from '@ms1/testkit';

import { type Governor, GraphClient, type TokenSource } from '../src/index.ts';
import type { EncryptionCertificate } from '../src/rich/read-certificate.ts';

export interface SeenRequest {
  method: string;
  /** path and query as they came */
  url: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** an object goes as JSON, a text as it is */
  body?: object | string;
}

/** As Graph refuses: with a code, and words about people. */
export const error = (
  status: number,
  code: string,
  headers: Record<string, string> = {},
): Answer => ({
  status,
  headers,
  body: { error: { code, message: 'names somebody@example.com' } },
});

/** A Graph of the test's own making on loopback, a client of it, and what the governor was told. */
export async function setup(
  answer: (request: SeenRequest, index: number) => Answer,
  {
    probe = false,
    isListed = () => true,
    encryption,
    governor: given,
    tokens: givenTokens,
  }: {
    probe?: boolean;
    isListed?: (mailboxId: string) => boolean;
    encryption?: EncryptionCertificate;
    governor?: Governor;
    tokens?: TokenSource;
  } = {},
) {
  const seen: SeenRequest[] = [];
  const server = createServer((req, res) => {
    let text = '';
    req.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    req.on('end', () => {
      const request = {
        method: req.method ?? '',
        url: req.url ?? '',
        headers: req.headers,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
      seen.push(request);
      const { status = 200, headers = {}, body } = answer(request, seen.length - 1);
      res.writeHead(status, { 'content-type': 'application/json', ...headers });
      res.end(typeof body === 'object' ? JSON.stringify(body) : body);
    });
  });
  const open = await openServer(server);
  const origin = `http://127.0.0.1:${open.port}`;

  const dropped: string[] = [];
  let issued = 1;
  const tokens: TokenSource = givenTokens ?? {
    token: async () => `token-${issued}`,
    drop(token) {
      dropped.push(token);
      issued += 1;
    },
  };
  const weights: Record<string, number>[] = [];
  const held: [string, number | null][] = [];
  const parked: [string, number | null][] = [];
  const counted: Record<string, number> = {};
  const refusals: object[] = [];
  const governor: Governor = given ?? {
    run: (plan, call) => {
      if (plan) weights.push({ [plan.mailboxId]: Math.min(plan.requests ?? 1, 4) });
      return call({ probe, requests: plan?.requests ?? 1 });
    },
    hold: async (mailboxId, ms, hold) => {
      (hold.probe ? parked : held).push([mailboxId, ms]);
    },
  };
  const graph = new GraphClient({
    baseUrl: `${origin}/v1.0`,
    tokens,
    governor,
    isListed,
    timeoutMs: 30_000,
    encryption,
    random: () => 0,
    onExpandRefusal: (refusal) => void refusals.push(refusal),
    onRequests: (kind, requests) => {
      counted[kind] = (counted[kind] ?? 0) + requests;
    },
  });
  return {
    graph,
    seen,
    origin,
    dropped,
    weights,
    held,
    parked,
    counted,
    refusals,
    async [Symbol.asyncDispose]() {
      await graph.close();
      await open[Symbol.asyncDispose]();
    },
  };
}
