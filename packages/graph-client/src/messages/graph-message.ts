import { z } from 'zod';

/** Properties asked for with $select: the metadata, and nothing that makes a page large. */
export const MESSAGE_SELECT = [
  'id',
  'internetMessageId',
  'conversationId',
  'subject',
  'from',
  'sender',
  'toRecipients',
  'ccRecipients',
  'replyTo',
  'receivedDateTime',
  'sentDateTime',
  'createdDateTime',
  'importance',
  'bodyPreview',
  'webLink',
  'hasAttachments',
  'isDraft',
  'parentFolderId',
].join(',');

const text = z.string().nullish();

export const GraphRecipient = z.object({
  emailAddress: z.object({ name: text, address: text }).nullish(),
});
export type GraphRecipient = z.infer<typeof GraphRecipient>;

const recipients = z.array(GraphRecipient.nullable()).nullish();

/** A message as Graph sends it: everything but `id` may be null or missing (Graph contract 5.2). */
export const GraphMessage = z.object({
  id: z.string().min(1),
  internetMessageId: text,
  conversationId: text,
  subject: text,
  from: GraphRecipient.nullish(),
  sender: GraphRecipient.nullish(),
  toRecipients: recipients,
  ccRecipients: recipients,
  replyTo: recipients,
  receivedDateTime: text,
  sentDateTime: text,
  createdDateTime: text,
  importance: text,
  bodyPreview: text,
  webLink: text,
  hasAttachments: z.boolean().nullish(),
  isDraft: z.boolean().nullish(),
  parentFolderId: text,
});
export type GraphMessage = z.infer<typeof GraphMessage>;
