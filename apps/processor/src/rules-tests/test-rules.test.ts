import { describe, expect, test } from '@jest/globals';
import { type MessageMetadata, type MessageRules, messageKey } from '@ms1/contracts';
import { GraphItemNotFoundError } from '@ms1/graph-client';
import { aLedgerEntry, aMetadata } from '@ms1/testkit';

import type { Mail } from '../reading/mail.ts';
import { type TestRulesOptions, testRules } from './test-rules.ts';

const MAILBOX = { tenantId: 't', mailboxId: 'm', folders: ['inbox', 'invoices'] };
const timeOf = (id: string) => `2026-03-01T10:0${id.slice(1)}:00Z`;

/** A mailbox of two folders; a message whose properties are null is gone when it is read. */
async function run(
  rules: MessageRules,
  messages: Record<string, Partial<MessageMetadata> | null>,
  last = 50,
) {
  const ids = Object.keys(messages);
  const options: TestRulesOptions = {
    folders: {
      latestPage: async ({ folderId }) => ({
        messages: ids
          .filter((_, index) => (index % 2 === 0) === (folderId === 'inbox'))
          .map((id) => ({ id, message: { id, receivedDateTime: timeOf(id) } as never })),
        removed: [],
        nextLink: null,
        deltaLink: null,
      }),
    },
    reader: {
      read: async (refs) =>
        refs.map(({ messageId, priority }) => {
          const properties = messages[messageId];
          if (!properties || priority !== 'backfill') {
            const error = new GraphItemNotFoundError('has no such message', { status: 404 });
            return { ok: false, error };
          }
          const value: Mail = { metadata: aMetadata(properties), attachments: [] };
          return { ok: true, value };
        }),
    },
    ledger: {
      known: async (keys) =>
        keys.map((_, index) =>
          index === 0 ? aLedgerEntry({ state: 'skipped', reason: 'rule_subject' }) : null,
        ),
    },
    clock: { now: () => Date.parse('2026-03-01T12:00:00Z') },
  };
  return testRules(options, MAILBOX, { rules, last }, new AbortController().signal);
}

describe('testRules', () => {
  test('says of the latest messages of all folders what each rule would do, and how they stand', async () => {
    const result = await run(
      { subject: { any: ['invoice'] }, senders: { deny: ['@spam.example'] } },
      {
        m1: { subject: 'Invoice 1' },
        m2: { subject: 'Newsletter' },
        m3: { subject: 'News', from: { address: 'x@spam.example', name: null } },
        m4: null,
        m5: { subject: 'Newsletter', kind: 'draft', webLink: 'https://outlook.example/m5' },
      },
    );
    expect(result).toMatchObject({
      tested: 5,
      taken: 1,
      unread: 1,
      declined: { rule_kind_draft: 1, rule_sender: 1, rule_subject: 1 },
      rules: { rule_kind_draft: 1, rule_sender: 1, rule_subject: 3 },
    });
    expect(result.messages).toMatchObject([
      {
        receivedAt: timeOf('m5'),
        declinedBy: ['rule_kind_draft', 'rule_subject'],
        webLink: 'https://outlook.example/m5',
        now: 'skipped:rule_subject',
      },
      { folderId: 'invoices', declinedBy: [], unread: 'graph_not_found', now: null },
      { declinedBy: ['rule_sender', 'rule_subject'] },
      { declinedBy: ['rule_subject'] },
      { key: messageKey({ ...MAILBOX, messageId: 'm1' }), declinedBy: [], unread: null },
    ]);
    expect(JSON.stringify(result)).not.toMatch(/Newsletter|spam\.example|supplier\.example/);
  });

  test('takes kinds that are named, whatever the others say, and looks at no more than was asked', async () => {
    const rules: MessageRules = { kinds: ['draft'], hasAttachments: false };
    const result = await run(rules, { m1: {}, m2: {}, m3: { kind: 'draft' } }, 2);
    expect(result.messages.map(({ declinedBy }) => declinedBy)).toEqual([[], ['rule_kind_mail']]);
  });
});
