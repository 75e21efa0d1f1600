import { z } from 'zod';
import { MessageOverrides } from '../generator/message-overrides.ts';
import { SHAPES } from '../generator/shapes/shapes.ts';
import type { Reply } from '../http/call.ts';
import { problem } from '../http/problem.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import { immutableId } from '../mail/message-id.ts';
import type { PostOffice } from '../mail/post-office.ts';

/** Messages of tests have a seed of their own, so that they never meet those of a plan. */
const MANUAL_SEED = -1;

export const MessageOperation = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('inject'),
    folder: z.string().default('inbox'),
    announced: z.boolean().default(true),
    receivedAt: z.iso.datetime().optional(),
    /** the rest of it is made up, or of that name */
    shape: z.enum(Object.keys(SHAPES)).optional(),
    properties: MessageOverrides.default({}),
  }),
  z.strictObject({ op: z.literal('delete'), messageId: z.string() }),
  z.strictObject({ op: z.literal('move'), messageId: z.string(), folder: z.string() }),
  z.strictObject({ op: z.literal('update'), messageId: z.string(), isRead: z.boolean() }),
]);
export type MessageOperation = z.infer<typeof MessageOperation>;

/** One change of one mailbox, as a test or a curious person asks for it. */
export function operateOnMailbox(
  mailbox: Mailbox,
  operation: MessageOperation,
  postOffice: PostOffice,
): Reply {
  if (operation.op === 'inject') return injectOne(mailbox, operation, postOffice);
  const message = mailbox.message(operation.messageId);
  if (!message) return problem(404, 'No such message');
  switch (operation.op) {
    case 'delete':
      postOffice.change(mailbox, message, { kind: 'delete' });
      break;
    case 'move': {
      const folder = mailbox.folder(operation.folder);
      if (!folder) return problem(404, 'No such folder');
      postOffice.change(mailbox, message, { kind: 'move', folderId: folder.id });
      break;
    }
    case 'update':
      postOffice.change(mailbox, message, { kind: 'update', isRead: operation.isRead });
  }
  return { status: 200, body: { messageId: operation.messageId } };
}

function injectOne(
  mailbox: Mailbox,
  {
    folder: name,
    announced,
    receivedAt,
    shape,
    properties,
  }: Extract<MessageOperation, { op: 'inject' }>,
  postOffice: PostOffice,
): Reply {
  const folder = mailbox.folder(name);
  if (!folder) return problem(404, 'No such folder');
  const [message] = postOffice.deliver([
    {
      plan: 'manual',
      seed: MANUAL_SEED,
      index: postOffice.injected,
      mailbox,
      folder,
      announced,
      receivedAt: receivedAt === undefined ? undefined : Date.parse(receivedAt),
      overrides: { ...(shape !== undefined && SHAPES[shape]?.properties), ...properties },
    },
  ]);
  if (!message) return problem(409, 'The message exists already');
  return { status: 201, body: { messageId: immutableId(message.core), folderId: folder.id } };
}
