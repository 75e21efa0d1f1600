import type { Correspondent, GeneratedMessage } from '../generator/generated-message.ts';
import { internetHeaders } from '../generator/internet-headers.ts';
import type { MessageCache } from '../generator/message-cache.ts';
import type { MailMessage } from '../mail/mail-message.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import { immutableId, mutableId } from '../mail/message-id.ts';
import { attachmentsView } from './attachment-view.ts';
import type { Expansion } from './expand.ts';
import { htmlBody } from './message-body.ts';
import type { Preferences } from './preferences.ts';
import { seconds } from './seconds.ts';
import { ShownMessages } from './shown-messages.ts';

/** A message, and what it says: made up only when somebody asks for that. */
class Subject {
  readonly message: MailMessage;
  readonly preferences: Preferences;
  readonly #generate: () => GeneratedMessage;
  #content: GeneratedMessage | undefined;

  constructor(message: MailMessage, preferences: Preferences, generate: () => GeneratedMessage) {
    this.message = message;
    this.preferences = preferences;
    this.#generate = generate;
  }

  get content(): GeneratedMessage {
    this.#content ??= this.#generate();
    return this.#content;
  }
}

/** Properties of `microsoft.graph.message` (docs/graph-contract.md#message-properties). */
const PROPERTIES: Record<string, (subject: Subject) => unknown> = {
  createdDateTime: ({ message }) => seconds(message.receivedAt),
  lastModifiedDateTime: ({ message }) => seconds(message.modifiedAt),
  changeKey: ({ message }) => changeKey(message),
  categories: () => [],
  receivedDateTime: ({ message }) => seconds(message.receivedAt),
  sentDateTime: ({ message, content }) => seconds(message.receivedAt - content.sentBeforeMs),
  hasAttachments: ({ content }) => content.attachments.some(({ isInline }) => !isInline),
  internetMessageId: ({ content }) => content.internetMessageId,
  subject: ({ content }) => content.subject,
  bodyPreview: ({ content }) => content.bodyPreview,
  importance: ({ content }) => content.importance,
  parentFolderId: ({ message }) => message.folder?.id ?? null,
  conversationId: ({ content }) => content.conversationId,
  conversationIndex: ({ content }) =>
    Buffer.from(content.conversationId).toString('base64').slice(0, 40),
  isDeliveryReceiptRequested: () => false,
  isReadReceiptRequested: () => false,
  isRead: ({ message }) => message.isRead,
  isDraft: ({ content }) => content.isDraft,
  webLink: (subject) =>
    `https://outlook.office365.com/owa/?ItemID=${encodeURIComponent(messageIdOf(subject.message, subject.preferences))}&exvsurl=1&viewmodel=ReadMessageItem`,
  inferenceClassification: () => 'focused',
  body: (subject) => bodyOf(subject),
  sender: ({ content }) => recipient(content.sender),
  from: ({ content }) => recipient(content.from),
  toRecipients: ({ content }) => content.to.map(recipient),
  ccRecipients: ({ content }) => content.cc.map(recipient),
  bccRecipients: () => [],
  replyTo: ({ content }) => content.replyTo.map(recipient),
  flag: () => ({ flagStatus: 'notFlagged' }),
  // Only when selected by name.
  uniqueBody: (subject) => bodyOf(subject),
  internetMessageHeaders: ({ message, content }) => internetHeaders(content, message.receivedAt),
};

const BY_NAME_ONLY = new Set(['uniqueBody', 'internetMessageHeaders']);
const DEFAULT_PROPERTIES = Object.keys(PROPERTIES).filter((name) => !BY_NAME_ONLY.has(name));

export const isMessageProperty = (name: string): boolean => name === 'id' || name in PROPERTIES;

export interface ViewOptions {
  readonly select: readonly string[] | undefined;
  readonly preferences: Preferences;
  readonly expand?: Expansion | undefined;
}

/** Shows messages as Graph does. */
export class MessageView {
  readonly #cache: MessageCache;
  readonly #shown = new ShownMessages();

  constructor(cache: MessageCache) {
    this.#cache = cache;
  }

  content(mailbox: Mailbox, message: MailMessage): GeneratedMessage {
    const { seed, index, overrides } = message;
    return this.#cache.read({ seed, index, overrides, mailbox: mailbox.address });
  }

  show(mailbox: Mailbox, message: MailMessage, options: ViewOptions): Record<string, unknown> {
    const { preferences, select } = options;
    const subject = new Subject(message, preferences, () => this.content(mailbox, message));
    const odataType = message.overrides?.odataType;
    const shown: Record<string, unknown> = {
      // Whatever is selected (docs/graph-contract.md#message-properties); ordinary ones go without.
      ...(odataType && { '@odata.type': `#microsoft.graph.${odataType}` }),
      '@odata.etag': etag(message),
      id: messageIdOf(message, preferences),
    };
    for (const name of select ?? DEFAULT_PROPERTIES) {
      if (name !== 'id') shown[name] = PROPERTIES[name]?.(subject);
    }
    const { expand } = options;
    return expand ? { ...shown, ...expanded(subject, expand) } : shown;
  }

  /** The same as JSON, for all the messages of a page. */
  toJson(options: ViewOptions): (mailbox: Mailbox, message: MailMessage) => Buffer {
    const { select, preferences, expand } = options;
    const files = expand?.select?.join(',') ?? '';
    const way = `${preferences.immutableIds} ${preferences.textBody} ${select?.join(',') ?? '*'} ${files}`;
    // Delta tells of a message once, megabytes of attachments are not kept, and faults are not worth it.
    const isKept = expand?.select !== undefined && !expand.paged;
    return (mailbox, message) => {
      const show = (): object => this.show(mailbox, message, options);
      return isKept ? this.#shown.read(message, way, show) : Buffer.from(JSON.stringify(show()));
    };
  }
}

export function messageIdOf(
  message: MailMessage,
  { immutableIds }: Pick<Preferences, 'immutableIds'>,
): string {
  return immutableIds ? immutableId(message.core) : mutableId(message.core, message.moves);
}

export function etag(message: MailMessage): string {
  return `W/"${changeKey(message)}"`;
}

function changeKey(message: MailMessage): string {
  return `CQAAABYAAAC${message.core.slice(0, 24)}${message.version.toString(36).padStart(5, 'A')}`;
}

function bodyOf({ content, preferences }: Subject): { contentType: string; content: string } {
  return preferences.textBody
    ? { contentType: 'text', content: `${content.bodyPreview}\r\n` }
    : { contentType: 'html', content: htmlBody(content) };
}

/** What expanding adds to a message. */
function expanded(
  { message, content, preferences }: Subject,
  { select, paged }: Expansion,
): Record<string, unknown> {
  const attachments = attachmentsView(message, content, { select, preferences });
  if (!paged || attachments.length <= paged.max) return { attachments };
  const id = encodeURIComponent(messageIdOf(message, preferences));
  const path = `/v1.0/users/${message.mailboxId}/messages/${id}/attachments`;
  const fields = select ? `$select=${select.join(',')}&` : '';
  return {
    attachments: attachments.slice(0, paged.max),
    'attachments@odata.nextLink': `${paged.origin}${path}?${fields}$skip=${paged.max}`,
  };
}

function recipient(person: Correspondent): { emailAddress: Correspondent };
function recipient(person: Correspondent | null): { emailAddress: Correspondent } | null;
function recipient(person: Correspondent | null): { emailAddress: Correspondent } | null {
  return person && { emailAddress: { name: person.name, address: person.address } };
}
