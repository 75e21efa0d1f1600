import type { IngestMessage, MessageMetadata } from '@ms1/contracts';

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

/** The nth message of a test, as a notification announces it. */
export function aMessage(n: number, changes: Partial<IngestMessage> = {}): IngestMessage {
  return {
    v: 1,
    tenantId: 'tenant',
    mailboxId: 'mailbox',
    messageId: `AAkALg-${n}`,
    source: 'webhook',
    sessionId: null,
    noticedAt: '2026-03-01T10:00:05.000Z',
    ...changes,
  };
}
