/**
 * The usual way with BullMQ: a webhook that adds a job a notification, and a Worker that takes 50 jobs at once, each with
 * its own GET, its own GET of attachments and its own POST. node naive-peer.ts ROLE REDIS_URL SIMULATOR_URL
 *
 * ROLE is `webhook` (then it says its port, and is told the mailbox of each subscription) or `worker`. The simulator's
 * token is in PEER_TOKEN. Nothing here is a straw man: mail is selected property by property, connections are kept alive,
 * ids are deterministic, failures are retried with backoff.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type MessageRecord, messageKey } from '@ms1/contracts';
import { type GraphMessage, toMetadata } from '@ms1/graph-client';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const CONCURRENCY = 50;
const SELECT =
  'id,receivedDateTime,sentDateTime,createdDateTime,subject,from,sender,toRecipients,ccRecipients,replyTo,internetMessageId,conversationId,importance,bodyPreview,webLink,hasAttachments';

interface Noticed {
  readonly tenantId: string;
  readonly mailboxId: string;
  readonly messageId: string;
}

const [role, redisUrl = '', baseUrl = ''] = process.argv.slice(2);
const token = process.env['PEER_TOKEN'] ?? '';
const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
process.once('disconnect', () => process.exit(0));
if (role === 'webhook') listenForNotifications();
else workOneByOne();

function listenForNotifications(): void {
  const queue = new Queue<Noticed>('mail', {
    connection,
    defaultJobOptions: {
      attempts: 10,
      backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
      removeOnComplete: true,
    },
  });
  const mailboxes = new Map<string, string>();
  process.on('message', (lines: [string, string][]) => {
    for (const [subscription, mailbox] of lines) mailboxes.set(subscription, mailbox);
  });
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const validation = new URL(req.url ?? '/', 'http://peer').searchParams.get('validationToken');
    if (validation !== null) {
      res.writeHead(200, { 'content-type': 'text/plain' }).end(validation);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    const { value } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
      value: { subscriptionId: string; tenantId: string; resourceData: { id: string } }[];
    };
    await Promise.all(
      value.map(({ subscriptionId, tenantId, resourceData: { id: messageId } }) => {
        const mailboxId = mailboxes.get(subscriptionId) ?? '';
        const noticed = { tenantId, mailboxId, messageId };
        return queue.add('store', noticed, { jobId: messageKey(noticed) });
      }),
    );
    res.writeHead(202).end();
  };
  const server = createServer((req, res) => {
    answer(req, res).catch(() => res.writeHead(503).end());
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

function workOneByOne(): void {
  const worker = new Worker<Noticed>('mail', async ({ data }) => store(data), {
    connection,
    concurrency: CONCURRENCY,
  });
  worker.on('error', (error) => console.error(error));
  void worker.waitUntilReady().then(() => process.send?.('ready'));
}

async function store(noticed: Noticed): Promise<void> {
  const { mailboxId, messageId } = noticed;
  const path = `/v1.0/users/${mailboxId}/messages/${encodeURIComponent(messageId)}`;
  const message = (await call('GET', `${path}?$select=${SELECT}`)) as GraphMessage;
  const { hasAttachments, ...metadata } = toMetadata(message);
  const listed = hasAttachments
    ? ((await call('GET', `${path}/attachments?$select=id,name,contentType,size,isInline`)) as {
        value: { id: string; name: string; contentType: string; size: number; isInline: boolean }[];
      })
    : { value: [] };
  const record: MessageRecord = {
    id: messageKey(noticed),
    schemaVersion: 1,
    sessionId: null,
    mailbox: mailboxId,
    messageId,
    source: 'webhook',
    ingestedAt: new Date().toISOString(),
    ...metadata,
    attachments: listed.value.map(({ id, name, contentType, size, isInline }) => ({
      id,
      name,
      kind: 'file' as const,
      contentType,
      size,
      isInline,
    })),
  };
  const body = { batchId: `one-${record.id}-${Date.now()}`, items: [record] };
  await call('POST', '/v1/batches', body, { 'idempotency-key': body.batchId });
}

async function call(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      prefer: 'IdType="ImmutableId"',
      'content-type': 'application/json',
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} answered ${response.status}`);
  return response.json();
}
