import {
  type DeliverRecord,
  type IngestMessage,
  type MessageMetadata,
  type MessageRecord,
  messageKey,
} from '@ms1/contracts';

const MAILBOX = '4f1a7b0e-0000-4000-8000-000000000001';
const NOTICED_AT = '2026-03-01T10:00:05.000Z';

export function aMetadata(changes: Partial<MessageMetadata> = {}): MessageMetadata {
  return {
    internetMessageId: '<1@mail.example>',
    conversationId: 'c1',
    subject: 'Facture n° 1',
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
    hasAttachments: false,
    ...changes,
  };
}

/** The nth message of a test on `inbound`, as a notification announces it. */
export function aMessage(n: number, changes: Partial<IngestMessage> = {}): IngestMessage {
  return {
    v: 1,
    tenantId: 'tenant',
    mailboxId: 'mailbox',
    messageId: `AAkALg-${n}`,
    source: 'webhook',
    sessionId: null,
    noticedAt: NOTICED_AT,
    ...changes,
  };
}

/** The nth record of a test, as MS4 takes it. */
export function aRecord(n: number, changes: Partial<MessageRecord> = {}): MessageRecord {
  const messageId = `AAkALg-${n}`;
  const { hasAttachments: _, ...metadata } = aMetadata({
    internetMessageId: `<${n}@mail.example>`,
    subject: `Invoice ${n}`,
  });
  return {
    ...metadata,
    id: messageKey({ tenantId: 'tenant', mailboxId: MAILBOX, messageId }),
    schemaVersion: 1,
    sessionId: null,
    mailbox: MAILBOX,
    messageId,
    source: 'poll',
    ingestedAt: NOTICED_AT,
    attachments: [],
    ...changes,
  };
}

/** The nth record of a test on `outbound`. */
export function aDelivery(n: number, changes: Partial<MessageRecord> = {}): DeliverRecord {
  return { v: 1, record: aRecord(n, changes) };
}
