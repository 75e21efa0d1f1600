import { createServer } from 'node:http';
import { QUEUES } from '@ms1/contracts';
import { closeRedis, connectRedis, createJobLocator, createQueue, DeadLetters } from '@ms1/queue';
import { closeServer, listen, systemClock } from '@ms1/runtime';
import {
  AuditStore,
  LeaseStore,
  Ledger,
  LetterOperationStore,
  LookupIndex,
  OperatorLog,
  SessionStore,
} from '@ms1/store';
import { startRedis } from '@ms1/testkit';

import { actionRoutes } from '../src/api/action-routes.ts';
import { auditRoutes } from '../src/api/audit-routes.ts';
import { deadLetterRoutes } from '../src/api/dead-letter-routes.ts';
import { findRoutes } from '../src/api/find-routes.ts';
import { queueRoutes } from '../src/api/queue-routes.ts';
import { sessionRoutes } from '../src/api/session-routes.ts';
import { statusRoutes } from '../src/api/status-routes.ts';
import { AuditService } from '../src/audits/audit-service.ts';
import { createConsole } from '../src/create-console.ts';
import { MailboxFolders } from '../src/sessions/mailbox-folders.ts';
import { SessionRates } from '../src/sessions/session-rates.ts';
import { SessionService } from '../src/sessions/session-service.ts';

export const PASSWORD = 'correct horse';
export const TOKEN = 'token-of-sixteen-or-more';
export const MAILBOXES = [1, 2].map((n) => `${n}`.repeat(8).concat('-1111-4111-8111-111111111111'));
export const FOLDERS = ['inbox', 'AAMkAD-Scanner='];

/** The console on a port of its own over a private Redis, wired as main.ts does, with a clock to turn. */
export async function consoleBundle() {
  const redisServer = await startRedis();
  const redis = await connectRedis({ url: redisServer.url, role: 'producer', name: 'test' });
  const clock = { at: Date.now(), now: () => clock.at };
  const polling = createQueue(QUEUES.polling, { connection: redis, prefix: '{ms1}' });
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix: '{ms1}' });
  const outbound = createQueue(QUEUES.outbound, { connection: redis, prefix: '{ms1}' });
  const queues = [polling, inbound, outbound];
  const ledger = new Ledger(redis);
  const store = new SessionStore(redis, { clock });
  const mailboxes = MAILBOXES.map((id) => ({ id, label: id }));
  const configured = new MailboxFolders(mailboxes, FOLDERS);
  const service = new SessionService({
    sessions: store,
    polling,
    tenantId: 'tenant',
    mailboxes: configured,
  });
  const operators = new OperatorLog(redis);
  const auditStore = new AuditStore(redis, { clock });
  const audits = new AuditService({
    audits: auditStore,
    polling,
    tenantId: 'tenant',
    mailboxes: configured,
    clock,
  });
  const letters = new DeadLetters([inbound, outbound]);
  const operations = new LetterOperationStore(redis, { clock });
  const lookup = new LookupIndex(redis, { secret: 'a secret of some length' });
  const errors: unknown[] = [];
  const app = createConsole({
    password: PASSWORD,
    token: TOKEN,
    clock,
    queues,
    routes: [
      ...sessionRoutes(service, audits, new SessionRates(clock)),
      ...auditRoutes(audits),
      ...deadLetterRoutes({ letters, operations, clock: systemClock }),
      ...findRoutes({
        tenantId: 'tenant',
        ledger,
        locate: createJobLocator([inbound, outbound]),
        index: lookup,
        clock,
      }),
      ...actionRoutes(operators),
      ...queueRoutes(queues),
      ...statusRoutes({ mailboxes, folders: FOLDERS, ledger, sessions: store }),
    ],
    operators,
    ping: () => redis.ping(),
    onError: (error) => errors.push(error),
  });
  const server = createServer(app);
  const port = await listen(server, { host: '127.0.0.1', port: 0, variable: 'PORT' });
  const origin = `http://127.0.0.1:${port}`;

  return {
    app,
    origin,
    redisServer,
    redis,
    clock,
    polling,
    inbound,
    outbound,
    ledger,
    store,
    service,
    auditStore,
    operators,
    letters,
    lookup,
    operations,
    leases: new LeaseStore(redis),
    errors,
    /** a plain request; redirects are shown, not followed */
    async request(path: string, init: RequestInit = {}) {
      const response = await fetch(`${origin}${path}`, { redirect: 'manual', ...init });
      // Read to the end: a body left unread keeps its connection, and jest with it.
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    /** a request of the API with the token */
    async api(method: 'GET' | 'POST', path: string, body?: unknown) {
      const response = await fetch(`${origin}/api${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const type = response.headers.get('content-type') ?? '';
      return {
        status: response.status,
        type,
        headers: response.headers,
        body: (await response.json()) as Record<string, unknown>,
      };
    },
    /** logs in and answers with the Cookie header */
    async login(): Promise<string> {
      const response = await fetch(`${origin}/login`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ password: PASSWORD }),
      });
      return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    },
    async [Symbol.asyncDispose]() {
      await closeServer(server);
      await Promise.all(queues.map((queue) => queue.close()));
      await closeRedis(redis);
      await redisServer.stop();
    },
  };
}
