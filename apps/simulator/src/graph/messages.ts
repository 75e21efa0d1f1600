import type { Call, Reply } from '../http/call.ts';
import { JsonList } from '../http/json-list.ts';
import type { MailFolder } from '../mail/mail-folder.ts';
import type { MailMessage } from '../mail/mail-message.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import { parseMessageId } from '../mail/message-id.ts';
import { isTooLarge } from './attachments.ts';
import { badRequest, GraphRefusal, itemNotFound, malformedId, tookTooLong } from './graph-error.ts';
import { parseFilter } from './message-filter.ts';
import { isMessageProperty, type MessageView } from './message-view.ts';
import type { Preferences } from './preferences.ts';
import { parseSelect } from './select.ts';

const TOP_DEFAULT = 10;
const TOP_MAX = 1_000;

/**
 * The message an id names. Code that forgets `Prefer: IdType="ImmutableId"` on one call meets a 400
 * here: the immutable id is then no id at all.
 *
 * @throws {GraphRefusal} 400 for an id that was never given in this format, 404 for one that is gone
 */
export function findMessage(
  mailbox: Mailbox,
  id: string,
  { immutableIds }: Preferences,
): MailMessage {
  const parsed = parseMessageId(id);
  if (!parsed || (parsed.format === 'immutable' && !immutableIds)) {
    throw new GraphRefusal(malformedId());
  }
  const message = mailbox.message(id);
  if (!message) throw new GraphRefusal(itemNotFound());
  return message;
}

export interface ListRequest {
  readonly call: Call;
  readonly mailbox: Mailbox;
  /** undefined: all folders of the mailbox */
  readonly folder: MailFolder | undefined;
  readonly preferences: Preferences;
}

/** One page of a folder's messages, newest first unless asked otherwise (docs/graph-contract.md#paging). */
export function listMessages(
  { call, mailbox, folder, preferences }: ListRequest,
  view: MessageView,
): Reply {
  const { query } = call;
  const select = parseSelect(query, 'microsoft.graph.message', isMessageProperty);
  const top = count(query, '$top', TOP_DEFAULT, 1, TOP_MAX);
  const skip = count(query, '$skip', 0, 0, Number.MAX_SAFE_INTEGER);
  const matching = ordered(
    folder?.messages ?? allMessages(mailbox),
    query,
    (message) => () => view.content(mailbox, message),
  );
  const expandAttachments = query.get('$expand')?.startsWith('attachments') ?? false;
  const onPage = matching.slice(skip, skip + top);
  if (expandAttachments && isTooLarge(onPage.map((message) => view.content(mailbox, message)))) {
    return tookTooLong();
  }
  const json = view.toJson({ select, preferences, expandAttachments });
  const value = onPage.map((message) => json(mailbox, message));
  const link = new URLSearchParams(query);
  link.set('$skip', String(skip + top));
  const next = `${call.origin}${call.path}?${link.toString().replaceAll('%24', '$')}`;
  return {
    status: 200,
    body: new JsonList(
      {
        '@odata.context': `${call.origin}/v1.0/$metadata#users('${mailbox.id}')/messages`,
        ...(query.get('$count') === 'true' && { '@odata.count': matching.length }),
        ...(matching.length > skip + top ? { '@odata.nextLink': next } : {}),
      },
      value,
    ),
  };
}

function allMessages(mailbox: Mailbox): MailMessage[] {
  const messages = mailbox.folders.flatMap((folder) => folder.messages);
  return messages.toSorted((a, b) => a.receivedAt - b.receivedAt);
}

function ordered(
  messages: readonly MailMessage[],
  query: URLSearchParams,
  contentOf: (message: MailMessage) => () => ReturnType<MessageView['content']>,
): MailMessage[] {
  const filterText = query.get('$filter');
  const filter = filterText === null ? undefined : parseFilter(filterText);
  const [, property, direction = 'asc'] =
    /^(\w+)(?:\s+(asc|desc))?$/i.exec(query.get('$orderby') ?? 'receivedDateTime desc') ?? [];
  if (property !== 'receivedDateTime') {
    throw new GraphRefusal(
      badRequest('The $orderby parameter is not supported.', 'ErrorInvalidUrlQuery'),
    );
  }
  // Properties of $orderby must come first in $filter (docs/graph-contract.md#paging).
  if (query.has('$orderby') && filter && filter.properties[0] !== property) {
    const message = 'The restriction or sort order is too complex for this operation.';
    throw new GraphRefusal(badRequest(message, 'InefficientFilter'));
  }
  const matching = filter
    ? messages.filter((message) => filter.matches({ message, content: contentOf(message) }))
    : [...messages];
  return direction.toLowerCase() === 'desc' ? matching.toReversed() : matching;
}

function count(
  query: URLSearchParams,
  name: string,
  otherwise: number,
  min: number,
  max: number,
): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new GraphRefusal(
    badRequest(
      `Invalid value '${text}' for ${name} query option found. It must be ${min} to ${max}.`,
    ),
  );
}
