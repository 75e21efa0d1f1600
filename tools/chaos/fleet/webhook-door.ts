import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** A POST of Graph as the door saw it. */
export interface DoorAnswer {
  /** ms since the epoch, when it came */
  readonly at: number;
  readonly tookMs: number;
  /** 0: no ingest-api took it */
  readonly status: number;
  /** immutable ids of the messages that it was about */
  readonly messages: readonly string[];
}

export interface WebhookDoor extends AsyncDisposable {
  /** NOTIFICATION_URL */
  readonly url: string;
  readonly answers: readonly DoorAnswer[];
}

/**
 * The one address under which Graph finds the fleet's webhooks, as a load balancer has it: by turns, and the next where
 * one does not take the connection. It keeps what was answered and when, which Graph would know.
 */
export async function openWebhookDoor(ports: readonly number[]): Promise<WebhookDoor> {
  const answers: DoorAnswer[] = [];
  let turn = 0;
  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const at = Date.now();
    const began = performance.now();
    turn += 1;
    const order = ports.map((_, index) => ports[(turn + index) % ports.length] ?? 0);
    const { status, body } = await passOn(req, res, order);
    if (isHandshake(req)) return;
    const tookMs = performance.now() - began;
    answers.push({ at, tookMs, status, messages: messagesIn(body) });
  };
  const server = createServer((req, res) => {
    // Who asked is gone, or who answered is: there is nobody to tell.
    serve(req, res).catch(() => res.destroy());
  });
  await once(server.listen({ host: '127.0.0.1', port: 0 }), 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/webhooks/graph`,
    answers,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const isHandshake = (req: IncomingMessage): boolean =>
  req.url?.includes('validationToken') ?? false;

async function passOn(
  req: IncomingMessage,
  res: ServerResponse,
  ports: readonly number[],
): Promise<{ status: number; body: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  for (const port of ports) {
    const answer = await ask(port, req, body).catch(() => undefined);
    if (!answer) continue;
    const { statusCode: status = 0, headers } = answer;
    res.writeHead(status, headers);
    // Broken off in the middle it is no answer to Graph, which sends again.
    const isWhole = await pipeline(answer, res).then(
      () => true,
      () => false,
    );
    return { status: isWhole ? status : 0, body: body.toString('utf8') };
  }
  res.writeHead(502).end();
  return { status: 0, body: body.toString('utf8') };
}

async function ask(port: number, req: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  const { method, url: path, headers } = req;
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  // What breaks after the answer has begun is told by the answer.
  outgoing.on('error', () => undefined);
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer;
}

function messagesIn(body: string): string[] {
  try {
    const { value = [] } = JSON.parse(body) as { value?: { resourceData?: { id?: string } }[] };
    return value.flatMap(({ resourceData }) => (resourceData?.id ? [resourceData.id] : []));
  } catch {
    return [];
  }
}
