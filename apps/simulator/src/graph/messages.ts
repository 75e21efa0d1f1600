import type { GeneratedMessage } from '../generator/generated-message.ts';
import type { Call, Reply } from '../http/call.ts';
import { JsonList } from '../http/json-list.ts';
import type { MailFolder } from '../mail/mail-folder.ts';
import type { MailMessage } from '../mail/mail-message.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import { parseMessageId } from '../mail/message-id.ts';
import { countOption, skipOption } from './count-option.ts';
import { countAttachments, parseExpand } from './expand.ts';
import type { ExpandFaults } from './expand-faults.ts';
import { badRequest, GraphRefusal, itemNotFound, malformedId } from './graph-error.ts';
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

export interface MessagesOptions {
  readonly view: MessageView;
  readonly expandFaults: ExpandFaults;
}

/** One page of a folder's messages, newest first unless asked otherwise (docs/graph-contract.md#paging). */
export function listMessages(
  { call, mailbox, folder, preferences }: ListRequest,
  { view, expandFaults }: MessagesOptions,
): Reply {
  const { query } = call;
  const select = parseSelect(query, 'microsoft.graph.message', isMessageProperty);
  const asked = parseExpand(query);
  const top = countOption(query, '$top', { otherwise: TOP_DEFAULT, min: 1, max: TOP_MAX });
  const skip = skipOption(query);
  const counted = query.get('$count') === 'true';
  const matching = firstMatching(folder?.messages ?? allMessages(mailbox), query, {
    // One more tells whether there is another page.
    max: counted ? Number.POSITIVE_INFINITY : skip + top + 1,
    contentOf: (message) => view.content(mailbox, message),
  });
  const onPage = matching.slice(skip, skip + top);
  const messages = asked ? onPage.map((message) => view.content(mailbox, message)) : [];
  const request = { mailboxId: mailbox.id, origin: call.origin, messages };
  const expand = asked && expandFaults.apply(asked, request);
  const json = view.toJson({ select, preferences, expand });
  const value = onPage.map((message) => json(mailbox, message));
  const link = new URLSearchParams(query);
  link.set('$skip', String(skip + top));
  const next = `${call.origin}${call.path}?${link.toString().replaceAll('%24', '$')}`;
  return {
    status: 200,
    work: { messages: onPage.length, attachments: countAttachments(messages) },
    body: new JsonList(
      {
        '@odata.context': `${call.origin}/v1.0/$metadata#users('${mailbox.id}')/messages`,
        ...(counted && { '@odata.count': matching.length }),
        ...(matching.length > skip + top ? { '@odata.nextLink': next } : {}),
      },
      value,
    ),
  };
}

export interface MessageRequest {
  readonly call: Call;
  readonly mailbox: Mailbox;
  readonly message: MailMessage;
  readonly content: GeneratedMessage;
  readonly preferences: Preferences;
}

export function getMessage(
  { call, mailbox, message, content, preferences }: MessageRequest,
  { view, expandFaults }: MessagesOptions,
): Reply {
  const { query, origin } = call;
  const select = parseSelect(query, 'microsoft.graph.message', isMessageProperty);
  const asked = parseExpand(query);
  const request = { mailboxId: mailbox.id, origin, messages: [content] };
  const expand = asked && expandFaults.apply(asked, request);
  const context = `${origin}/v1.0/$metadata#users('${mailbox.id}')/messages/$entity`;
  return {
    status: 200,
    work: { messages: 1, attachments: asked ? content.attachments.length : 0 },
    body: {
      '@odata.context': context,
      ...view.show(mailbox, message, { select, preferences, expand }),
    },
  };
}

function allMessages(mailbox: Mailbox): MailMessage[] {
  const messages = mailbox.folders.flatMap((folder) => folder.messages);
  return messages.toSorted((a, b) => a.receivedAt - b.receivedAt);
}

interface Search {
  readonly max: number;
  readonly contentOf: (message: MailMessage) => GeneratedMessage;
}

/** Those that `$filter` lets through, in the order of `$orderby`. */
function firstMatching(
  messages: readonly MailMessage[],
  query: URLSearchParams,
  { max, contentOf }: Search,
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
  const matching: MailMessage[] = [];
  const recent = filter ? messages.slice(firstSince(messages, filter.from)) : messages;
  for (const message of direction.toLowerCase() === 'desc' ? recent.toReversed() : recent) {
    if (matching.length >= max) break;
    const content = (): GeneratedMessage => contentOf(message);
    if (!filter || filter.matches({ message, content })) matching.push(message);
  }
  return matching;
}

/** Where messages received at `from` or later begin, by halves: a folder may hold a hundred times as many before them. */
function firstSince(messages: readonly MailMessage[], from: number): number {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((messages[middle]?.receivedAt ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
