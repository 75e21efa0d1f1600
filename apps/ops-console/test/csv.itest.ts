import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CSV_TABLES, type CsvTable } from '@ms1/console-api';
import { messageKey } from '@ms1/contracts';
import { aMailbox } from '@ms1/testkit';

import { keyOf } from './browser-bundle.ts';
import { consoleBundle, MAILBOXES, TENANT, TOKENS } from './console-bundle.ts';
import { failJob } from './fail-job.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/csv.md'), 'utf8');
const FORMULA = '=HYPERLINK("https://evil.example")';
const [MAILBOX = ''] = MAILBOXES;

const KEY = messageKey({ tenantId: TENANT, mailboxId: MAILBOX, messageId: 'a' });

/** The columns that docs/csv.md says a file has. */
function documented(name: string): string[] {
  const [, section = ''] = PAGE.split(`\n## ${name}.csv\n`);
  const [own = ''] = section.split('\n## ');
  const of = own.includes('as `audit.csv`') ? documented('audit') : [];
  return [...of, ...[...own.matchAll(/^\| `(\w+)` /gm)].map(([, column = '']) => column)];
}

/** A console with something in each list, and what others wrote wherever they can. */
async function filled() {
  const bundle = await consoleBundle();
  const {
    clock,
    ledger,
    lookup,
    tallies,
    store,
    auditStore,
    operators,
    outbound,
    redis,
    processes,
    operations,
  } = bundle;
  const at = Math.floor(clock.at / 1_000) * 1_000;
  const moment = new Date(at).toISOString();
  const key = KEY;
  const mail = { key, mailboxId: MAILBOX, receivedAt: at, internetMessageId: null };
  await lookup.add([{ ...mail, sender: null, subject: 'canary', isSkipped: false }]);
  await ledger.record([{ key, state: 'delivered', at, receivedAt: at }]);
  await failJob(redis, outbound, keyOf(2), 'canary@supplier.example was rejected', at);
  const rules = { senders: { deny: ['canary@supplier.example'] } };
  const mailbox = aMailbox({ tenantId: TENANT, mailboxId: MAILBOX, label: FORMULA, rules });
  await bundle.directory.put(mailbox);
  const { session } = await store.create({ name: FORMULA, mailboxes: [MAILBOX] });
  const { session: other } = await store.create({ name: 'other', mailboxes: MAILBOXES.slice(1) });
  const folder = { mailboxId: MAILBOX, folderId: 'inbox' };
  const window = { from: null, to: moment, repair: false };
  const audit = await auditStore.create({ folders: [folder], ...window, sessionId: session.id });
  const counts = { delivered: 3, skipped: 2, dead: 0, inFlight: 0, unexplained: 2 };
  const witness = { key, mailboxId: MAILBOX, messageId: 'a', receivedAt: moment };
  await auditStore.report(audit.id, folder, {
    at: moment,
    from: null,
    to: moment,
    listed: 7,
    counts,
    reasons: { 'skipped:rule_sender': 1 },
    repaired: 0,
    witnesses: [{ ...witness, why: 'not_noticed' }],
  });
  await bundle.subscriptions.put({
    subscriptionId: 's',
    tenantId: TENANT,
    ...folder,
    clientState: 'canary',
    expiresAt: moment,
    notificationUrl: 'https://example.com/',
  });
  await tallies.add([{ mailboxId: MAILBOX, counted: 'read', by: 3 }]);
  const process = { id: 'p', app: 'poller', version: '1', host: FORMULA, pid: 7, startedAt: at };
  await processes.beat({ ...process, unready: [] });
  await operations.create({
    action: 'replay',
    letters: { stage: 'outbound' },
    perSecond: 1,
    reason: FORMULA,
    by: 'a',
    until: at,
    matched: 1,
  });
  const action = { by: 'token', subject: 'a', name: FORMULA, action: 'x', detail: { a: 1 } };
  await operators.append({ ...action, status: null, of: null });
  const ids = { sessions: session.id, audits: audit.id };
  const csvOf = async (route: string) => {
    const [, template = ''] = route.split(' ');
    const path = template.replace(/^\/(sessions|audits)\/:id/, (_, list: 'sessions' | 'audits') => {
      return `/${list}/${ids[list]}`;
    });
    const which = path === '/sessions/compare' ? `ids=${session.id},${other.id}&` : '';
    return bundle.request(`/api${path}?${which}format=csv`, {
      headers: { authorization: `Bearer ${TOKENS.reader}` },
    });
  };
  return { ...bundle, csvOf };
}

describe('lists and reports as CSV', () => {
  test('have the columns that are documented, run no formula, and say nothing of what is in mail', async () => {
    await using bundle = await filled();
    for (const [route, { name, columns }] of Object.entries<CsvTable>(CSV_TABLES)) {
      expect([name, columns]).toEqual([name, documented(name)]);
      const { status, headers, text } = await bundle.csvOf(route);
      expect([name, status, headers.get('content-type')]).toEqual([
        name,
        200,
        'text/csv; charset=utf-8',
      ]);
      expect(headers.get('content-disposition')).toContain(`${name}.csv`);
      const [head, first] = text.split('\r\n');
      expect([name, head]).toEqual([name, columns.join(',')]);
      expect([name, first]).not.toEqual([name, '']);
      expect([name, /(^|,|\n)"?=/.test(text)]).toEqual([name, false]);
      expect([name, text.includes('canary')]).toEqual([name, false]);
    }
    // Control: what others wrote was there, and so was what is in mail.
    const { text } = await bundle.csvOf('GET /sessions');
    expect(text).toContain(`"'=HYPERLINK(""https://evil.example"")"`);
    const { body } = await bundle.api('GET', `/mailboxes/${MAILBOX}`);
    expect(JSON.stringify(body)).toContain('canary@supplier.example');
  });

  test('a report has each message in one line: they add up to what is in the mailboxes', async () => {
    await using bundle = await filled();
    const { text } = await bundle.csvOf('GET /audits/:id');
    const lines = text
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 4));
    expect(lines).toEqual([
      ['delivered', '', '3', ''],
      ['skipped', 'rule_sender', '1', ''],
      ['skipped', '', '1', ''],
      ['unexplained', 'not_noticed', '1', KEY],
      ['unexplained', '', '1', ''],
    ]);
  });

  test('a list is sent to its end, with the mark of UTF-8 and whatever limit was given', async () => {
    await using bundle = await consoleBundle();
    const { redis, origin } = bundle;
    await appendActions(redis, 1_200);
    const response = await fetch(`${origin}/api/actions?format=csv&limit=3`, {
      headers: { authorization: `Bearer ${TOKENS.reader}` },
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const names = bytes
      .toString()
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[5]);
    expect(names).toEqual(Array.from({ length: 1_200 }, (_, n) => `act ${1_200 - n}`));
    expect(bundle.errors).toEqual([]);
  });

  test('what breaks under way is cut off, so that nobody takes it for all there is', async () => {
    await using bundle = await consoleBundle();
    const { redis, origin, errors } = bundle;
    // The oldest line is on the third page, and cannot be read.
    await redis.xadd('{ms1}:operator:actions', '1-1', 'action', '{');
    await appendActions(redis, 1_200);
    const response = await fetch(`${origin}/api/actions?format=csv`, {
      headers: { authorization: `Bearer ${TOKENS.reader}` },
    });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(errors).toHaveLength(1);
    // Control: what breaks before the first line is a problem like any other.
    const early = await bundle.request('/api/actions?format=csv&cursor=nonsense', {
      headers: { authorization: `Bearer ${TOKENS.reader}` },
    });
    expect(early.status).toBe(400);
    expect((await bundle.api('GET', '/actions?format=xlsx')).status).toBe(400);
  });
});

type Redis = Awaited<ReturnType<typeof consoleBundle>>['redis'];

async function appendActions(redis: Redis, count: number): Promise<void> {
  const pipeline = redis.pipeline();
  for (let n = 1; n <= count; n += 1) {
    const action = { by: 'token', subject: 'a', name: null, action: `act ${n}`, detail: null };
    const line = JSON.stringify({ ...action, status: null, of: null });
    pipeline.xadd('{ms1}:operator:actions', `1-${n + 1}`, 'action', line);
  }
  await pipeline.exec();
}
