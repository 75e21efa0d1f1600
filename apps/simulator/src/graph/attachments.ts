import { attachmentBytes } from '../generator/attachment-bytes.ts';
import type { GeneratedMessage } from '../generator/generated-message.ts';
import type { Call, Reply } from '../http/call.ts';
import type { MailMessage } from '../mail/mail-message.ts';
import { attachmentId } from '../mail/message-id.ts';
import { attachmentsView, attachmentView, isAttachmentProperty } from './attachment-view.ts';
import { skipOption } from './count-option.ts';
import { itemNotFound, methodNotAllowed } from './graph-error.ts';
import type { Preferences } from './preferences.ts';
import { parseSelect } from './select.ts';

export interface AttachmentsRequest {
  readonly call: Call;
  readonly message: MailMessage;
  readonly content: GeneratedMessage;
  readonly preferences: Preferences;
}

export function listAttachments({
  call,
  message,
  content,
  preferences,
}: AttachmentsRequest): Reply {
  const select = parseSelect(call.query, 'microsoft.graph.attachment', isAttachmentProperty);
  const all = attachmentsView(message, content, { select, preferences });
  const value = all.slice(skipOption(call.query));
  return {
    status: 200,
    work: { messages: 0, attachments: value.length },
    body: { '@odata.context': `${call.origin}/v1.0/$metadata#attachments`, value },
  };
}

/** One attachment, or its raw bytes when `raw` (a link has none: 405, docs/graph-contract.md#attachments). */
export function getAttachment(request: AttachmentsRequest, id: string, raw: boolean): Reply {
  const { call, message, content, preferences } = request;
  const position = content.attachments.findIndex(
    (_, n) => attachmentId(message.core, n, preferences.immutableIds) === id,
  );
  const attachment = content.attachments[position];
  if (!attachment) return itemNotFound();
  if (!raw) {
    const select = parseSelect(call.query, 'microsoft.graph.attachment', isAttachmentProperty);
    return {
      status: 200,
      body: attachmentView(message, content, position, { select, preferences }),
    };
  }
  if (attachment.kind === 'reference') return methodNotAllowed();
  const type = attachment.contentType ?? 'application/octet-stream';
  return {
    status: 200,
    headers: { 'content-type': type },
    body: attachmentBytes(attachment, message.core),
  };
}
