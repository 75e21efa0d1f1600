/** A message of which Graph says whatever we ask for. */
export function aGraphMessage(changes: { id: string; receivedDateTime?: string | null }) {
  return {
    internetMessageId: null,
    conversationId: null,
    subject: 's',
    from: null,
    sender: null,
    toRecipients: [],
    ccRecipients: [],
    replyTo: [],
    receivedDateTime: '2026-01-01T00:00:00Z',
    sentDateTime: null,
    createdDateTime: null,
    importance: 'normal',
    bodyPreview: '',
    webLink: null,
    hasAttachments: false,
    isDraft: false,
    parentFolderId: 'inbox',
    ...changes,
  };
}
