import { type DeliverRecord, messageKey } from '@ms1/contracts';

/** The payload of the nth message of a test. */
export function aPayload(n: number, changes: Partial<DeliverRecord['record']> = {}): DeliverRecord {
  const mailbox = '4f1a7b0e-0000-4000-8000-000000000001';
  const messageId = `AAkALg-${n}`;
  return {
    v: 1,
    record: {
      id: messageKey({ tenantId: 'tenant', mailboxId: mailbox, messageId }),
      schemaVersion: 1,
      sessionId: null,
      mailbox,
      messageId,
      internetMessageId: `<${n}@mail.example>`,
      conversationId: null,
      subject: `Invoice ${n}`,
      from: { address: 'ar@supplier.example', name: 'Supplier' },
      sender: null,
      to: [{ address: 'ap@company.example', name: null }],
      cc: [],
      replyTo: [],
      receivedAt: '2026-03-01T10:00:00.000Z',
      sentAt: null,
      importance: 'normal',
      bodyPreview: null,
      webLink: null,
      source: 'poll',
      ingestedAt: '2026-03-01T10:00:05.000Z',
      attachments: [],
      ...changes,
    },
  };
}
