import { z } from 'zod';

import { parseTime } from './graph-time.ts';

/** Properties asked for: the metadata, and nothing that makes a page large. */
const MESSAGE_MEMBERS = [
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
] as const;
export const MESSAGE_SELECT = MESSAGE_MEMBERS.join(',');
/** Only comes where it is named, and is more than all else that is asked for (docs/graph-contract.md#message-properties). */
const HEADERS = 'internetMessageHeaders';

/** The metadata of a message, and its headers where they are wanted. */
export function messageSelect(headers: boolean | undefined): string {
  return headers ? `${MESSAGE_SELECT},${HEADERS}` : MESSAGE_SELECT;
}

/**
 * What must be known of a message whose metadata is at hand: where its page stands, whether it should have files, and
 * whose headers they are.
 */
export function idsSelect(headers: boolean): string {
  return `id,receivedDateTime,hasAttachments${headers ? `,from,${HEADERS}` : ''}`;
}

const text = z.string().nullish();
const time = text.refine((value) => !value || !Number.isNaN(parseTime(value)));

const GraphRecipient = z.object({
  emailAddress: z.object({ name: text, address: text }).nullish(),
});
export type GraphRecipient = z.infer<typeof GraphRecipient>;

const members = {
  /** comes by itself, so it is not selected; one that is odd is as good as none */
  '@odata.type': text.catch(null),
  internetMessageId: text,
  conversationId: text,
  subject: text,
  from: GraphRecipient.nullish(),
  sender: GraphRecipient.nullish(),
  toRecipients: z.array(GraphRecipient.nullable()).nullish(),
  ccRecipients: z.array(GraphRecipient.nullable()).nullish(),
  replyTo: z.array(GraphRecipient.nullable()).nullish(),
  receivedDateTime: time,
  sentDateTime: time,
  createdDateTime: time,
  importance: text,
  bodyPreview: text,
  webLink: text,
  hasAttachments: z.boolean().nullish(),
  isDraft: z.boolean().nullish(),
  parentFolderId: text,
  /** read by whoever asked for it: what is odd in it costs no more than that */
  internetMessageHeaders: z.unknown().optional(),
};

/** What a URL can name: half of a surrogate pair cannot be written into one. */
const id = z
  .string()
  .min(1)
  .refine((value) => value.isWellFormed());
const Message = z.compile(z.object({ id, ...members }));

export type GraphMessage = z.infer<typeof Message> & {
  /** members that were something else than documented: each is null, or lacks what could not be read */
  unreadable?: string[];
};

const someText = text.catch(null);
const someRecipient = z.object({
  emailAddress: z.object({ name: someText, address: someText }).nullish().catch(null),
});
const someRecipients = z.array(someRecipient.nullable().catch(null)).nullish().catch(null);
function eachCaught<T extends Record<string, z.ZodType>>(shape: T): T {
  const caught = Object.entries(shape).map(([name, member]) => [name, member.catch(null)]);
  return Object.fromEntries(caught) as T;
}

const SomeOfMessage = z.object({
  id,
  ...eachCaught(members),
  from: someRecipient.nullish().catch(null),
  sender: someRecipient.nullish().catch(null),
  toRecipients: someRecipients,
  ccRecipients: someRecipients,
  replyTo: someRecipients,
});

/**
 * A message as Graph sends it: everything but `id` may be null or missing (docs/graph-contract.md#message-properties),
 * and a member of an unexpected type or range costs that member alone.
 */
export const GraphMessage = z.unknown().transform((item, context): GraphMessage => {
  const whole = Message.safeParse(item);
  if (whole.success) return whole.data;
  const some = SomeOfMessage.safeParse(item);
  if (!some.success) {
    context.addIssue('has no id');
    return z.NEVER;
  }
  const unreadable = new Set(whole.error.issues.map(({ path }) => String(path[0])));
  return { ...some.data, unreadable: [...unreadable] };
});

/**
 * Is it the whole message? A delta item may carry its changed properties alone (docs/graph-contract.md#delta): a
 * property that is missing is not one that is null, and half a record would be stored for ever. What a page tells in a
 * form that cannot be read, the message itself may tell better.
 */
export function isWhole(message: GraphMessage): boolean {
  return !message.unreadable && MESSAGE_MEMBERS.every((name) => message[name] !== undefined);
}
