/** A record that the MS4 contract accepts. */
export function buildRecord(n: number, changes: object = {}): Record<string, unknown> {
  return {
    id: `record-${String(n).padStart(12, '0')}`,
    schemaVersion: 1,
    sessionId: null,
    mailbox: 'invoices@contoso.example',
    messageId: `AAkALg${n}`,
    internetMessageId: `<${n}@supplier.example>`,
    conversationId: null,
    subject: `Invoice ${n}`,
    from: { address: 'billing@supplier.example', name: null },
    sender: null,
    to: [{ address: 'invoices@contoso.example', name: 'Invoices' }],
    cc: [],
    replyTo: [],
    receivedAt: '2026-01-31T12:00:00Z',
    sentAt: null,
    importance: 'normal',
    bodyPreview: 'Please find attached',
    webLink: null,
    source: 'poll',
    ingestedAt: '2026-01-31T12:00:01.123Z',
    attachments: [
      {
        id: 'a',
        name: 'invoice.pdf',
        kind: 'file',
        contentType: 'application/pdf',
        size: 1,
        isInline: false,
        sha256: null,
      },
    ],
    ...changes,
  };
}

export function buildBatch(
  batchId: string,
  items: unknown[],
): { batchId: string; items: unknown[] } {
  return { batchId, items };
}
