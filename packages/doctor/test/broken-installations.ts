import { JOBS, jobIdOf, messageKey, QUEUES } from '@ms1/contracts';
import { createQueue } from '@ms1/queue';

import type { doctorBundle, Examination } from './doctor-bundle.ts';
import type { Interference } from './tls-front.ts';

type Bundle = Awaited<ReturnType<typeof doctorBundle>>;

const answers =
  (status: number, type: string, body: string): Interference =>
  (_req, res) => {
    res.writeHead(status, { 'content-type': type }).end(body);
    return true;
  };

/** Only in the place of a notification, not of the handshake. */
const toNotification =
  (interfere: Interference): Interference =>
  (req, res) =>
    req.url?.includes('validationToken') ? false : interfere(req, res);

interface Row {
  /** what is broken */
  broken: string;
  by?: (bundle: Bundle) => unknown;
  examined?: (bundle: Bundle) => Examination;
  /** everything that is not ok, and nothing else is */
  found: Record<string, 'warn' | 'fail' | 'skipped'>;
  /** seen and remedy of the first of them */
  says: RegExp;
}

const set = (name: string, value: string | number) => (at: Bundle) =>
  at.redis.config('SET', name, value);
export const skipped = (...names: string[]): Record<string, 'skipped'> =>
  Object.fromEntries(names.map((name) => [name, 'skipped']));
const OF_GRAPH = skipped('graph.permissions', 'graph.canary', 'graph.mailboxes');
const UNKNOWN = '99999999-9999-4999-8999-999999999999';

export const BROKEN: Row[] = [
  {
    broken: 'a variable is malformed',
    examined: () => ({ change: { NOTIFICATION_URL: 'http://example.com/' } }),
    found: {
      configuration: 'fail',
      ...skipped('webhook.handshake', 'webhook.forged', 'webhook.certificate'),
      ...skipped('webhook.subscriptions'),
    },
    says: /1 variable.*NOTIFICATION_URL.*https/,
  },
  {
    broken: 'the console has no password of its own',
    examined: () => ({ change: { OPS_CONSOLE_PASSWORD: '' } }),
    found: { configuration: 'warn' },
    says: /OPS_CONSOLE_PASSWORD not set.*npm start/,
  },
  {
    broken: 'Redis may evict',
    by: set('maxmemory-policy', 'allkeys-lru'),
    found: { 'redis.eviction': 'fail' },
    says: /allkeys-lru.*set maxmemory-policy noeviction/,
  },
  {
    broken: 'Redis has other shards than is configured',
    examined: () => ({ change: { REDIS_SHARDS: '3' } }),
    found: { 'redis.shards': 'fail' },
    says: /REDIS_SHARDS is 3, and Redis has 1.*ms1 shards --to 3/,
  },
  {
    broken: 'Redis writes nothing to disk',
    by: set('appendonly', 'no'),
    found: { 'redis.persistence': 'fail' },
    says: /nothing is written.*appendonly yes/,
  },
  {
    broken: 'Redis only makes snapshots',
    by: async (at) => {
      await set('appendonly', 'no')(at);
      await set('save', '3600 1')(at);
    },
    found: { 'redis.persistence': 'warn' },
    says: /only snapshots.*appendonly yes/,
  },
  {
    broken: 'Redis has no limit of memory',
    by: set('maxmemory', 0),
    found: { 'redis.memory': 'warn' },
    says: /maxmemory is not set.*three quarters/,
  },
  {
    broken: 'Redis is nearly full',
    by: async (at) => {
      const used = Number(/used_memory:(\d+)/.exec(await at.redis.info('memory'))?.[1]);
      await set('maxmemory', Math.round(used * 1.1))(at);
    },
    examined: () => ({ only: 'redis' }),
    found: { 'redis.memory': 'fail' },
    says: /9\d %.*raise maxmemory/,
  },
  {
    broken: 'the clock of this machine is half a second off',
    examined: () => ({ aheadMs: 500 }),
    found: { 'redis.clock': 'warn' },
    says: /\d{3} ms behind.*synchronise/,
  },
  {
    broken: 'the credential is wrong',
    examined: () => ({ change: { GRAPH_CLIENT_SECRET: 'wrong-secret-of-the-app' } }),
    found: { 'graph.token': 'fail', ...OF_GRAPH },
    says: /no token.*GRAPH_CLIENT_ID.*its value, not its id.*invalid_client/,
  },
  {
    broken: 'the app may send mail',
    by: (at) => at.fault({ name: 'graph-roles', match: 'Mail.Read Mail.ReadWrite Mail.Send' }),
    found: { 'graph.permissions': 'fail' },
    says: /Mail\.ReadWrite, Mail\.Send.*remove every application permission but Mail\.Read/,
  },
  {
    broken: 'the app may not read mail',
    by: async (at) => {
      await at.fault({ name: 'graph-roles', match: 'none' });
      await at.fault({ name: 'graph-403' });
    },
    found: { 'graph.permissions': 'fail', 'graph.mailboxes': 'fail' },
    says: /does not carry Mail\.Read.*RBAC for Applications/,
  },
  {
    broken: 'the grant covers the whole tenant',
    by: (at) => at.fault({ name: 'graph-tenant-wide' }),
    found: { 'graph.canary': 'fail' },
    says: /whole tenant.*RBAC for Applications.*remove the Mail\.Read grant.*30 minutes to 2 hours/,
  },
  {
    broken: 'no canary is named',
    examined: () => ({ change: { DOCTOR_CANARY_MAILBOX: '' } }),
    found: { 'graph.canary': 'skipped' },
    says: /no canary is set.*DOCTOR_CANARY_MAILBOX/,
  },
  {
    broken: 'the canary does not exist',
    examined: () => ({ change: { DOCTOR_CANARY_MAILBOX: UNKNOWN } }),
    found: { 'graph.canary': 'warn' },
    says: /no such mailbox.*proves nothing/,
  },
  {
    broken: 'the canary is a mailbox of ours',
    examined: (at) => ({ change: { DOCTOR_CANARY_MAILBOX: at.mailboxes[0] ?? '' } }),
    found: { 'graph.canary': 'fail' },
    says: /one of the mailboxes that are read/,
  },
  {
    broken: 'a mailbox is out of reach',
    by: (at) => at.fault({ name: 'graph-403', mailboxId: at.mailboxes[1] }),
    found: { 'graph.mailboxes': 'fail' },
    says: /1 of 2 folders.*into the scope of the RBAC role assignment.*403 ErrorAccessDenied/,
  },
  {
    broken: 'no mailbox is named',
    examined: () => ({ change: { MAILBOXES: '' } }),
    found: { 'graph.mailboxes': 'fail', 'webhook.forged': 'skipped' },
    says: /no mailbox.*MAILBOXES.*ms1 mailboxes add/,
  },
  {
    broken: 'a folder does not exist',
    examined: () => ({ change: { MAILBOX_FOLDERS: 'inbox,nowhere' } }),
    found: { 'graph.mailboxes': 'fail', 'webhook.subscriptions': 'fail' },
    says: /2 of 4 folders.*a folder that exists.*folder nowhere/,
  },
  {
    broken: 'the client secret ends in 5 days',
    examined: () => ({ change: { GRAPH_CLIENT_SECRET_EXPIRES: inDays(5) } }),
    found: { 'graph.credential': 'fail' },
    says: /expires in [45] days.*make another in Entra ID/,
  },
  {
    broken: 'nobody says when the client secret ends',
    examined: () => ({ change: { GRAPH_CLIENT_SECRET_EXPIRES: '' } }),
    found: { 'graph.credential': 'warn' },
    says: /not known.*GRAPH_CLIENT_SECRET_EXPIRES/,
  },
  {
    broken: 'our certificate for Graph ends in 2 days',
    examined: (at) => ({
      // A token for it would have to come from Entra.
      only: 'graph.credential',
      change: {
        GRAPH_CLIENT_SECRET: '',
        GRAPH_CLIENT_CERTIFICATE: at.short.cert,
        GRAPH_CLIENT_CERTIFICATE_KEY: at.short.key,
      },
    }),
    found: { 'graph.credential': 'fail' },
    says: /client certificate expires in [12] days?.*make another in Entra ID/,
  },
  {
    broken: "Graph's clock is a minute ahead",
    by: (at) => at.fault({ name: 'graph-date', ms: 60_000 }),
    found: { 'graph.clock': 'warn' },
    says: /5\d s ahead of this one.*synchronise/,
  },
  {
    broken: "MS4's clock is ten minutes ahead",
    by: (at) => at.fault({ name: 'ms4-date', ms: 600_000 }),
    found: { 'ms4.clock': 'fail' },
    says: /59\d s ahead of this one.*synchronise/,
  },
  {
    broken: 'a login stands before the webhook',
    by: (at) => {
      at.webhook.front.interfere = answers(401, 'text/html', 'Sign in');
    },
    found: { 'webhook.handshake': 'fail', 'webhook.forged': 'fail' },
    says: /answers 401.*without a login/,
  },
  {
    broken: 'the token comes back encoded',
    by: (at) => {
      at.webhook.front.interfere = (req, res) => {
        const token = /validationToken=([^&]*)/.exec(req.url ?? '')?.[1];
        if (token === undefined) return false;
        res.writeHead(200, { 'content-type': 'text/plain' }).end(token);
        return true;
      };
    },
    found: { 'webhook.handshake': 'fail' },
    says: /encoded/,
  },
  {
    broken: 'the token comes back as HTML',
    by: (at) => {
      at.webhook.front.interfere = (req, res) =>
        req.url?.includes('validationToken') ? answers(200, 'text/html', 'x')(req, res) : false;
    },
    found: { 'webhook.handshake': 'fail' },
    says: /text\/html instead of text\/plain/,
  },
  {
    broken: 'a forged notification is told from a real one',
    by: (at) => {
      at.webhook.front.interfere = toNotification(answers(403, 'text/plain', ''));
    },
    found: { 'webhook.forged': 'fail' },
    says: /answers 403 instead of 202/,
  },
  {
    broken: 'a forged notification is believed',
    by: (at) => {
      at.webhook.front.interfere = toNotification(async (req, res) => {
        await believe(at, await textOf(req));
        return answers(202, 'text/plain', '')(req, res);
      });
    },
    found: { 'webhook.forged': 'fail' },
    says: /forged notification was accepted.*not the ingest-api/,
  },
  {
    broken: 'the certificate of the webhook ends in 2 days',
    by: (at) => at.webhook.show(at.short),
    found: { 'webhook.certificate': 'fail' },
    says: /expires in [12] days?,.*renew the certificate of the proxy/,
  },
  {
    broken: 'a folder has no subscription',
    by: (at) => at.subscriptions.remove(at.mailboxes[0] ?? ''),
    found: { 'webhook.subscriptions': 'fail' },
    says: /1 of 2 folders have no subscription.*poller.*none/,
  },
  {
    broken: 'a subscription has expired',
    by: (at) => at.subscribe(at.mailboxes[0] ?? '', -1),
    found: { 'webhook.subscriptions': 'fail' },
    says: /1 of 2.*expired/,
  },
  {
    broken: 'a subscription is not renewed',
    by: (at) => at.subscribe(at.mailboxes[0] ?? '', 10),
    found: { 'webhook.subscriptions': 'warn' },
    says: /should have been renewed.*expires in 9 h/,
  },
  {
    broken: 'MS4 is not ready',
    by: (at) => at.fault({ name: 'ms4-down' }),
    found: { 'ms4.connection': 'fail', 'ms4.contract': 'fail', ...skipped('ms4.credentials') },
    says: /not ready/,
  },
  {
    broken: 'MS4 refuses the credentials',
    by: (at) => at.fault({ name: 'ms4-auth' }),
    found: { 'ms4.credentials': 'fail', ...skipped('ms4.contract') },
    says: /refused \(401\).*MS4_TOKEN/,
  },
  {
    broken: 'a proxy answers in the place of MS4',
    by: (at) => at.fault({ name: 'ms4-html' }),
    found: { 'ms4.contract': 'fail' },
    says: /answers 200 to a batch without items.*MS4_BATCH_PATH/,
  },
  {
    broken: 'MS4 refuses without problem details',
    by: (at) => {
      at.ms4.front.interfere = (req, res) =>
        req.method === 'POST' && answers(400, 'text/plain', 'no')(req, res);
    },
    found: { 'ms4.contract': 'fail' },
    says: /no problem details.*ms4\.yaml/,
  },
  {
    broken: 'the certificate of MS4 ends in 2 days',
    by: (at) => at.ms4.show(at.short),
    found: { 'ms4.certificate': 'fail' },
    says: /expires in [12] days?,.*whoever runs MS4/,
  },
  {
    broken: 'our certificate for MS4 ends in 2 days',
    examined: (at) => ({
      change: { MS4_TLS_CERT: at.short.cert, MS4_TLS_KEY: at.short.key },
    }),
    found: { 'ms4.credential-expiry': 'fail' },
    says: /client certificate expires in [12] days?.*issue another/,
  },
];

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** What an endpoint would do that takes the word of whoever calls. */
async function believe({ redis, env }: Bundle, body: string): Promise<void> {
  const [notification] = (JSON.parse(body) as { value: { resource: string }[] }).value;
  const [, mailboxId = '', , messageId = ''] = notification?.resource.split('/') ?? [];
  const key = messageKey({ tenantId: env['GRAPH_TENANT_ID'] ?? '', mailboxId, messageId });
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix: '{ms1}' });
  await inbound.add(JOBS.ingestMessage, {}, { jobId: jobIdOf(key) });
  await inbound.close();
}
