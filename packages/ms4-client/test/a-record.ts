import type { MessageRecord } from '@ms1/contracts';

/** A valid record, with what a test says about it. */
export function aRecord(record: Partial<MessageRecord> = {}): MessageRecord {
  return {
    id: 'abcdefghijklmnopqrstuv',
    schemaVersion: 1,
    sessionId: null,
    mailbox: '4f1a7b0e-0000-4000-8000-000000000001',
    messageId: 'AAkALg1',
    internetMessageId: '<1@mail.example>',
    conversationId: 'c1',
    subject: 'Rechnung 4711',
    from: { address: 'ar@supplier.example', name: 'Supplier' },
    sender: null,
    to: [{ address: 'ap@company.example', name: null }],
    cc: [],
    replyTo: [],
    receivedAt: '2026-03-01T10:00:00Z',
    sentAt: '2026-03-01T09:59:58Z',
    importance: 'normal',
    bodyPreview: 'Please find attached',
    webLink: null,
    source: 'poll',
    ingestedAt: '2026-03-01T10:00:05Z',
    attachments: [],
    ...record,
  };
}
