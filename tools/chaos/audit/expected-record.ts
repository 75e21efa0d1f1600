type Json = Readonly<Record<string, unknown>>;

interface Address {
  readonly address: string | null;
  readonly name: string | null;
}

/** Members of a record that say what the message says, and what becomes of them: docs/queues.md#payloads. */
const TEXTS = ['internetMessageId', 'conversationId', 'subject', 'bodyPreview'] as const;
const PEOPLE = ['from', 'sender'] as const;
const LISTS = ['to', 'cc', 'replyTo'] as const;
const TEXT_LENGTH_MAX = 1_024;
/** Above it recipients are cut; as many bytes of them always stay. */
const LEAN_BYTES = 8_000;
const RECIPIENT_BYTES_MIN = 2_000;
/** Above it attachments are cut. */
const RECORD_BYTES_MAX = 64_000;

/**
 * What MS4 must have of a message, from what Graph shows of it and the documented rules alone: no code of the fleet. Of a
 * list that is too long any beginning will do, so `record` is looked at for how much of it is there.
 */
export function expectedRecord(message: Json, listed: readonly Json[], record: Json): Json {
  const whole = wholeRecord(message, listed);
  const cut: Record<string, unknown> = { ...whole };
  for (const name of TEXTS) cut[name] = short(whole[name]);
  if ((whole.webLink?.length ?? 0) > TEXT_LENGTH_MAX) cut['webLink'] = null;
  for (const name of PEOPLE) cut[name] = whole[name] && shortAddress(whole[name]);
  // With the most that the record may say of a file besides.
  const files = whole.attachments.map((file) => ({
    ...file,
    invoiceCandidate: true,
    container: { format: 'archive', inside: 'signature' },
  }));
  const bytes = bytesOf({ ...record, ...whole, attachments: files });
  for (const name of LISTS) {
    const list = whole[name].map(shortAddress);
    cut[name] = bytes > LEAN_BYTES ? list.slice(0, lengthOf(record[name])) : list;
  }
  const kept = LISTS.reduce((sum, name) => sum + bytesOf(cut[name]), 0);
  const all = LISTS.reduce((sum, name) => sum + bytesOf(whole[name]), 0);
  // Fewer than always stay: none may be missing.
  if (kept < Math.min(RECIPIENT_BYTES_MIN, all)) {
    for (const name of LISTS) cut[name] = whole[name].map(shortAddress);
  }
  const there = new Set(
    ((record['attachments'] ?? []) as readonly Json[]).map((file) => file['id']),
  );
  cut['attachments'] = whole.attachments
    .filter((file) => bytes <= RECORD_BYTES_MAX || there.has(file.id))
    .map((file) => ({ ...file, name: short(file.name), contentType: short(file.contentType) }));
  const truncated = Object.entries(whole).flatMap(([name, value]) =>
    JSON.stringify(cut[name]) === JSON.stringify(value) ? [] : [name],
  );
  return { ...cut, truncated: truncated.toSorted() };
}

/** The same members of the record, as they are to be compared. */
export function shownRecord(record: Json): Json {
  const texts = [...TEXTS, 'webLink', 'importance'].map((name) => [name, record[name] ?? null]);
  const people = PEOPLE.map((name) => [name, addressIn(record[name] as Address | null)]);
  const lists = LISTS.map((name) => [
    name,
    ((record[name] ?? []) as Address[]).map((one) => addressIn(one)),
  ]);
  return {
    ...Object.fromEntries([...texts, ...people, ...lists]),
    receivedAt: timeOf(record['receivedAt']),
    sentAt: timeOf(record['sentAt']),
    attachments: ((record['attachments'] ?? []) as Json[]).map(
      ({ id, name, kind, contentType, size, isInline }) =>
        ({ id, name, kind, contentType, size, isInline }) as const,
    ),
    truncated: ((record['truncated'] ?? []) as string[]).toSorted(),
  };
}

function wholeRecord(message: Json, files: readonly Json[]) {
  const text = (name: string): string | null => cleaned(message[name]);
  const list = (name: string): Address[] =>
    ((message[name] ?? []) as Json[]).map(recipient).filter((one) => one !== null);
  return {
    internetMessageId: text('internetMessageId'),
    conversationId: text('conversationId'),
    subject: text('subject'),
    bodyPreview: text('bodyPreview'),
    webLink: text('webLink'),
    importance: text('importance'),
    from: recipient(message['from']),
    sender: recipient(message['sender']),
    to: list('toRecipients'),
    cc: list('ccRecipients'),
    replyTo: list('replyTo'),
    receivedAt: timeOf(message['receivedDateTime']),
    sentAt: timeOf(message['sentDateTime']),
    attachments: files.map((file) => ({
      id: String(file['id']),
      name: cleaned(file['name']),
      kind: /\.(\w+)Attachment$/.exec(String(file['@odata.type']))?.[1] ?? 'file',
      contentType: cleaned(file['contentType']),
      size: file['size'],
      isInline: file['isInline'],
    })),
  };
}

function recipient(value: unknown): Address | null {
  const { emailAddress } = (value ?? {}) as { emailAddress?: Json };
  return emailAddress
    ? { address: cleaned(emailAddress['address']), name: cleaned(emailAddress['name']) }
    : null;
}

const addressIn = (value: Address | null | undefined): Address | null =>
  value ? { address: value.address, name: value.name ?? null } : null;

const shortAddress = ({ address, name }: Address): Address => ({
  address: short(address),
  name: short(name),
});

/** docs/reliability.md#odd-text: no NUL, no half of a surrogate pair. */
function cleaned(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  return Array.from(value)
    .filter((character) => character !== '\0' && character.isWellFormed())
    .join('');
}

/** Cut to the length that is kept, and never in the middle of a character. */
function short(text: string | null): string | null {
  if (text === null || text.length <= TEXT_LENGTH_MAX) return text;
  const cut = text.slice(0, TEXT_LENGTH_MAX);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

const timeOf = (value: unknown): number | null =>
  typeof value === 'string' ? Date.parse(value) : null;
const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');
