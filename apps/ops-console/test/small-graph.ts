import { createServer } from 'node:http';
import { GraphPermits } from '@ms1/coordination';
import { GraphClients, MailboxGovernor } from '@ms1/graph-client';
import type { Redis } from '@ms1/redis';
import { systemClock } from '@ms1/runtime';
import { openServer } from '@ms1/testkit';

import { TENANT } from './console-bundle.ts';

/** A message as this Graph has it. */
export interface SmallMail {
  id: string;
  receivedDateTime?: string | null;
  [member: string]: unknown;
}

/** A Graph of one tenant on loopback that lists what a mailbox received in a window, and reads by id. */
export async function smallGraph() {
  const mail = new Map<string, SmallMail[]>();
  const seen: string[] = [];
  let refusal: { status: number; code: string } | null = null;
  const server = createServer((req, res) => {
    const send = (status: number, body: object): void => {
      const wait = status === 429 ? { 'retry-after': '1' } : {};
      res
        .writeHead(status, { 'content-type': 'application/json', ...wait })
        .end(JSON.stringify(body));
    };
    const url = new URL(req.url ?? '', 'http://graph');
    // A folder is the whole mailbox here.
    const path = url.pathname.replace(/\/mailFolders\/[^/]+/, '');
    const [, , , mailboxId = '', , messageId] = path.split('/').map(decodeURIComponent);
    seen.push(messageId === undefined ? 'page' : 'message');
    const all = mail.get(mailboxId) ?? [];
    const found = all.find(({ id }) => id === messageId);
    if (refusal) {
      send(refusal.status, { error: { code: refusal.code, message: 'names a@b.example' } });
    } else if (messageId === undefined) {
      const filter = url.searchParams.get('$filter') ?? '';
      const [from = 0, to = Number.POSITIVE_INFINITY] = [
        ...filter.matchAll(/ (?:ge|le|lt) (\S+)/g),
      ].map(([, at = '']) => Date.parse(at));
      const value = all.filter(({ receivedDateTime }) => {
        // It tells whole seconds, and compares with what it does not tell.
        const at = Date.parse(receivedDateTime ?? '') + 437;
        return at >= from && at <= to;
      });
      const [top, skip] = ['$top', '$skip'].map((name) => Number(url.searchParams.get(name) ?? 0));
      const end = (skip ?? 0) + (top || value.length);
      url.searchParams.set('$skip', `${end}`);
      const next = `http://${req.headers.host}${url.pathname}${url.search}`;
      send(200, {
        value: value.slice(skip, end),
        ...(end < value.length && { '@odata.nextLink': next }),
      });
    } else if (found) {
      send(200, found);
    } else {
      send(404, { error: { code: 'ErrorItemNotFound', message: '' } });
    }
  });
  const opened = await openServer(server);
  return {
    mail,
    seen,
    refuse(status: number, code: string) {
      refusal = { status, code };
    },
    /** refuses no more */
    serve() {
      refusal = null;
    },
    clients: (redis: Redis) =>
      new GraphClients({
        tenants: [
          {
            tenantId: TENANT,
            baseUrl: `http://127.0.0.1:${opened.port}/v1.0`,
            authorityUrl: 'http://127.0.0.1',
            scope: 'none',
            credential: { kind: 'static', token: 'a token' },
          },
        ],
        tenantOf: () => TENANT,
        clock: systemClock,
        governor: new MailboxGovernor({ permits: new GraphPermits(redis), clock: systemClock }),
        timeoutMs: 5_000,
      }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
