import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MailKind, type MessageRecord, messageKey, QUEUES } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { MailboxDirectory } from '@ms1/mailboxes';
import { createQueue, InboundProducer } from '@ms1/queue';
import { aMailbox, aMessage, SIMULATOR_TOKEN, simulatedFleet, until } from '@ms1/testkit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import { parse } from 'yaml';

import { SHAPES } from '../apps/simulator/src/generator/shapes/shapes.ts';
import { root } from './workspaces.ts';

/** What MS4 has of each shape, by its name, once each has gone through processor and sender. */
async function deliverAll(version: string): Promise<Map<string, MessageRecord>> {
  await using fleet = await simulatedFleet({ SIMULATOR_MAILBOXES: '1' });
  const { redis, tenantId, control, base } = fleet;
  const [mailboxId = ''] = fleet.mailboxes;
  const rules = { kinds: [...MailKind.options] };
  await new MailboxDirectory(redis).seed([aMailbox({ tenantId, mailboxId, rules })]);
  const queue = createQueue(QUEUES.inbound, { connection: redis, prefix: '{ms1}' });
  const producer = new InboundProducer({ queues: [queue], ledger: new Ledger(redis) });
  const keys = new Map<string, string>();
  for (const [index, shape] of Object.keys(SHAPES).entries()) {
    const asked = { op: 'inject', announced: false, shape };
    const path = `mailboxes/${mailboxId}/messages`;
    const { messageId } = await control<{ messageId: string }>(path, asked);
    const noticedAt = new Date().toISOString();
    const message = aMessage(index, { tenantId, mailboxId, messageId, noticedAt });
    await producer.notice([message]);
    keys.set(shape, messageKey(message));
  }
  await Promise.all([
    fleet.start(
      'processor',
      { ...fleet.graphEnv, LOOKUP_KEY: 'a key for lookups', MS4_CONTRACT_VERSION: version },
      'healthz',
    ),
    fleet.start('ms4-sender', { ...fleet.ms4Env, MS4_CONTRACT_VERSION: version }),
  ]);
  await until(async () => (await fleet.status()).stored === keys.size, {
    what: 'MS4 has all',
    timeoutMs: 60_000,
  });
  const records = new Map<string, MessageRecord>();
  for (const [shape, key] of keys) {
    const headers = { authorization: `Bearer ${SIMULATOR_TOKEN}` };
    const answer = await fetch(`${base}/v1/messages/${key}`, { headers });
    records.set(shape, (await answer.json()) as MessageRecord);
  }
  return records;
}

/** Of one shape: files that it has, invoices among them, those that are missed, and what is called one in vain. */
function judge(shape: string, { attachments }: MessageRecord) {
  const invoices = new Set(SHAPES[shape]?.invoices);
  const called = attachments.map(({ invoiceCandidate }) => invoiceCandidate === true);
  return {
    files: attachments.length,
    invoices: invoices.size,
    missed: [...invoices].filter((index) => called[index] !== true).length,
    vain: called.filter((one, index) => one && !invoices.has(index)).length,
  };
}

const rowOf = (cells: readonly (string | number)[]): string =>
  `| ${cells.map((cell) => (cell === 0 ? '' : String(cell))).join(' | ')} |`;

/** The table of docs/mail.md, blanks aside. */
function tableIn(page: string): string[] {
  const [, after = ''] = page.split('\n## The corpus\n');
  const [section = ''] = after.split('\n## ');
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(2).map((row) => row.replaceAll(/ +\|/g, ' |').replaceAll(/\| +/g, '| '));
}

/** What a third party has against records, by the contract of a version. */
function faultsIn(records: Iterable<MessageRecord>, version: string): string[] {
  const text = readFileSync(join(root, 'packages', 'contracts', 'openapi', 'ms4.yaml'), 'utf8');
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formatsPlugin.default(ajv);
  ajv.addSchema(parse(text), 'ms4');
  const validate = ajv.getSchema(`ms4#/components/schemas/MessageRecordVersion${version}`);
  if (!validate) throw new Error('no schema');
  return [...records].flatMap((record) =>
    validate(record) ? [] : [ajv.errorsText(validate.errors)],
  );
}

describe('a corpus of mail, through the real processes', () => {
  test('has no invoice that is missed; what is called one in vain is counted in docs/mail.md', async () => {
    const records = await deliverAll('2');
    expect(faultsIn(records.values(), '2')).toEqual([]);
    expect(faultsIn(records.values(), '1')).toHaveLength(records.size);
    const judged = [...records].map(([shape, record]) => ({
      shape,
      kind: record.kind ?? '',
      ...judge(shape, record),
    }));
    expect(judged.length).toBeGreaterThanOrEqual(60);
    expect(judged.filter(({ missed }) => missed > 0)).toEqual([]);
    expect(records.get('a sender that is forged')?.authentication?.verdict).toBe('fail');
    expect(records.get('a PDF')?.authentication?.verdict).toBe('pass');
    const [first, again] = ['a PDF', 'a PDF, the same mail again'].map((name) => records.get(name));
    if (!first || !again) throw new Error('no such shape');
    const links = [first.sameAs?.key, again.sameAs?.key];
    expect([
      [undefined, first.id],
      [again.id, undefined],
    ]).toContainEqual(links);
    // Control: an invoice that nobody calls one is missed.
    const [file] = first.attachments;
    if (!file) throw new Error('no file');
    const unnamed = { ...first, attachments: [{ ...file, invoiceCandidate: false }] };
    expect(judge('a PDF', unnamed).missed).toBe(1);
    const total = (name: 'files' | 'invoices' | 'missed' | 'vain') =>
      judged.reduce((sum, one) => sum + one[name], 0);
    const rows = [
      ...judged.map((one) =>
        rowOf([one.shape, one.kind, one.files, one.invoices, one.missed, one.vain]),
      ),
      rowOf([
        `${judged.length} mails`,
        '',
        total('files'),
        total('invoices'),
        `${total('missed')} missed`,
        total('vain'),
      ]),
    ];
    const page = readFileSync(join(root, 'docs', 'mail.md'), 'utf8');
    expect(tableIn(page)).toEqual(rows.map((row) => row.replaceAll(/ +\|/g, ' |')));
  });

  test('is the same for an MS4 of version 1, but for what that does not know', async () => {
    const records = await deliverAll('1');
    expect(faultsIn(records.values(), '1')).toEqual([]);
    const missed = [...records].filter(([shape, record]) => judge(shape, record).missed > 0);
    expect(missed).toEqual([]);
  });
});
