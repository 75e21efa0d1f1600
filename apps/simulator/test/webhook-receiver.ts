import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { openServer } from '@ms1/testkit';

interface ReceivedNotification {
  readonly subscriptionId: string;
  readonly clientState: string;
  readonly changeType: string;
  readonly resource: string;
  readonly tenantId: string;
  readonly resourceData: { readonly id: string };
}

export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  /** validation tokens as they came */
  readonly tokens: string[];
  /** the notifications of each POST */
  readonly posts: ReceivedNotification[][];
  /** the whole body of each POST */
  readonly bodies: unknown[];
  /** replaces how a notification POST is answered */
  onPost: (res: ServerResponse, attempt: number) => void;
  /** replaces how the handshake is answered */
  onHandshake: (res: ServerResponse, token: string) => void;
}

/** An endpoint for notifications that does what the documents ask, unless a test tells it otherwise. */
export async function startReceiver(): Promise<WebhookReceiver> {
  const server = createServer((req, res) => void handle(req, res));
  const open = await openServer(server);
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${open.port}/webhooks/graph`,
    tokens: [],
    posts: [],
    bodies: [],
    onPost: (res) => void res.writeHead(202).end(),
    onHandshake: (res, token) =>
      void res.writeHead(200, { 'content-type': 'text/plain' }).end(token),
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const token = new URL(req.url ?? '/', 'http://receiver').searchParams.get('validationToken');
    const body = await text(req);
    if (token !== null) {
      receiver.tokens.push(token);
      receiver.onHandshake(res, token);
      return;
    }
    const collection = JSON.parse(body) as { value: ReceivedNotification[] };
    receiver.bodies.push(collection);
    receiver.posts.push(collection.value);
    receiver.onPost(res, receiver.posts.length);
  }
  return receiver;
}
