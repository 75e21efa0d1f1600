const REDACTED = '[redacted]';

/**
 * What an operator may see of a job: identifiers, times, kinds and sizes. A list of what is allowed,
 * because a field that somebody adds later must be hidden until it is known to hold no personal data.
 */
const SHOWN = new Set([
  'v',
  'tenantId',
  'mailboxId',
  'mailbox',
  'folderId',
  'messageId',
  'id',
  'sessionId',
  'source',
  'schemaVersion',
  'noticedAt',
  'receivedAt',
  'sentAt',
  'ingestedAt',
  'importance',
  'hasAttachments',
  'kind',
  'contentType',
  'size',
  'isInline',
  'invoiceCandidate',
  'format',
  'inside',
  'sha256',
]);

/** Objects that are looked into. */
const CONTAINERS = new Set(['record', 'metadata', 'attachments', 'container']);

/** Job data without personal data: subjects, names, addresses, previews and file names are replaced. */
export function redactJobData(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(redactJobData);
  if (typeof data !== 'object' || data === null) return data === null ? null : REDACTED;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      if (CONTAINERS.has(key)) return [key, redactJobData(value)];
      return [key, SHOWN.has(key) && !isNested(value) ? value : REDACTED];
    }),
  );
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
