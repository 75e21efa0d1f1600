import { attachmentBytes } from '../generator/attachment-bytes.ts';
import type { GeneratedAttachment, GeneratedMessage } from '../generator/generated-message.ts';
import type { MailMessage } from '../mail/mail-message.ts';
import { attachmentId } from '../mail/message-id.ts';
import { contentIdOf } from './message-body.ts';
import type { Preferences } from './preferences.ts';
import { seconds } from './seconds.ts';

const COMMON = ['id', 'lastModifiedDateTime', 'name', 'contentType', 'size', 'isInline'];
const FILE_ONLY = ['contentId', 'contentLocation', 'contentBytes'];
const FILE_TYPE = 'microsoft.graph.fileAttachment/';

/** `contentBytes` and its like belong to the derived type: a plain `$select` of them is refused, as in Graph. */
export function isAttachmentProperty(name: string): boolean {
  const own = name.startsWith(FILE_TYPE) ? name.slice(FILE_TYPE.length) : undefined;
  return own === undefined ? isBaseAttachmentProperty(name) : FILE_ONLY.includes(own);
}

/** What can be selected of any attachment, whatever its type. */
export const isBaseAttachmentProperty = (name: string): boolean => COMMON.includes(name);

export interface AttachmentViewOptions {
  readonly select: readonly string[] | undefined;
  readonly preferences: Preferences;
}

/** One attachment as Graph shows it (docs/graph-contract.md#attachments). */
export function attachmentView(
  message: MailMessage,
  content: GeneratedMessage,
  position: number,
  { select, preferences }: AttachmentViewOptions,
): Record<string, unknown> {
  const attachment = content.attachments[position];
  if (!attachment) throw new RangeError(`no attachment ${position}`);
  const names = select?.map((name) => name.replace(FILE_TYPE, '')) ?? [
    ...COMMON,
    ...(attachment.kind === 'file' ? FILE_ONLY : []),
  ];
  const shown: Record<string, unknown> = {
    '@odata.type': `#microsoft.graph.${attachment.kind}Attachment`,
    id: attachmentId(message.core, position, preferences.immutableIds),
  };
  for (const name of names) {
    const value = valueOf(name, attachment, message, position);
    if (value !== undefined) shown[name] = value;
  }
  return shown;
}

export function attachmentsView(
  message: MailMessage,
  content: GeneratedMessage,
  options: AttachmentViewOptions,
): object[] {
  return content.attachments.map((_, position) =>
    attachmentView(message, content, position, options),
  );
}

function valueOf(
  name: string,
  attachment: GeneratedAttachment,
  message: MailMessage,
  position: number,
): unknown {
  switch (name) {
    case 'lastModifiedDateTime':
      return seconds(message.receivedAt);
    case 'name':
      return attachment.name;
    case 'contentType':
      return attachment.contentType;
    case 'size':
      return attachment.size;
    case 'isInline':
      return attachment.isInline;
    default:
      return attachment.kind === 'file'
        ? fileValueOf(name, attachment, message, position)
        : undefined;
  }
}

function fileValueOf(
  name: string,
  attachment: GeneratedAttachment,
  message: MailMessage,
  position: number,
): unknown {
  switch (name) {
    case 'contentId':
      return attachment.isInline ? contentIdOf(position) : null;
    case 'contentLocation':
      return null;
    case 'contentBytes':
      return attachmentBytes(attachment, message.core).toString('base64');
    default:
      return undefined;
  }
}
