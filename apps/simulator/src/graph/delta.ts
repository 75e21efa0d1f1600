import { randomBytes } from 'node:crypto';

import type { GeneratedMessage } from '../generator/generated-message.ts';
import type { Call, Reply } from '../http/call.ts';
import { JsonList } from '../http/json-list.ts';
import type { MailFolder } from '../mail/mail-folder.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import type { DeltaFaults } from './delta-faults.ts';
import type { DeltaGenerations } from './delta-generations.ts';
import { type DeltaState, openToken, sealToken } from './delta-token.ts';
import { countAttachments, isTooLarge, parseExpand } from './expand.ts';
import { badRequest, GraphRefusal, graphError, tookTooLong } from './graph-error.ts';
import { parseTimestamp } from './message-filter.ts';
import { isMessageProperty, type MessageView, messageIdOf } from './message-view.ts';
import type { Preferences } from './preferences.ts';
import { parseSelect } from './select.ts';

const PAGE_SIZE_DEFAULT = 10;
const PAGE_SIZE_MAX = 1_000;
/** With `$filter` at most so many messages are returned in the first round (docs/graph-contract.md#delta). */
const FILTERED_MAX = 5_000;
/** what delta says of a message before anything else; the type of a meeting comes after it, and counts */
const TYPED = Buffer.from('{"@odata.type":"#microsoft.graph.message",');

export interface DeltaRequest {
  readonly call: Call;
  readonly mailbox: Mailbox;
  readonly folder: MailFolder;
  readonly preferences: Preferences;
}

export interface DeltaOptions {
  readonly view: MessageView;
  readonly generations: DeltaGenerations;
  readonly faults: DeltaFaults;
}

/** One page of the changes of a folder (docs/graph-contract.md#delta). */
export function deltaPage(
  request: DeltaRequest,
  { view, generations, faults }: DeltaOptions,
): Reply {
  const { call, mailbox, folder, preferences } = request;
  const state = stateOf(request, generations);
  if (!state) return syncStateNotFound(request, generations);
  const instead = faults.instead(mailbox.id, call);
  if (instead) return instead;
  const select = parseSelect(
    new URLSearchParams(state.select === null ? [] : [['$select', state.select]]),
    'microsoft.graph.message',
    isMessageProperty,
  );
  const size = pageSize(call, preferences);
  // Whatever `$select` was nested in it, all there is of them comes.
  const expand = state.expand ? { select: undefined } : undefined;
  const json = view.toJson({ select, preferences, expand });
  const value: Buffer[] = [];
  const expanded: GeneratedMessage[] = [];
  let position = faults.startOf(mailbox.id, state.position);
  let held = false;
  // What is repeated does not count: however small pages are, each leads on.
  const sizeMax = size + state.position - position;
  for (; position < folder.log.length && value.length < sizeMax; position += 1) {
    const message = folder.log[position];
    if (!message || !folder.isLatest(position)) continue;
    held = faults.holdsBack(mailbox.id, message);
    if (held) break;
    if (message.folder === folder) {
      if (faults.hides(mailbox.id)) continue;
      if (state.since !== null && message.receivedAt < state.since) continue;
      if (expand) expanded.push(view.content(mailbox, message));
      value.push(Buffer.concat([TYPED, json(mailbox, message).subarray(1)]));
    } else if (!state.initial) {
      // Tombstones come even for what the filter leaves out: they are tracked by collection.
      const gone = { id: messageIdOf(message, preferences), '@removed': { reason: 'deleted' } };
      value.push(Buffer.from(JSON.stringify(gone)));
    }
  }
  if (isTooLarge(expanded)) return tookTooLong();
  const done = held || position >= folder.log.length;
  const next: DeltaState = done
    ? { ...state, position, initial: false, generation: state.generation + 1 }
    : { ...state, position };
  if (done) generations.advance(next.lineage, next.generation);
  const kind = done ? 'delta' : 'skip';
  return faults.distort(mailbox.id, {
    status: 200,
    work: { messages: value.length, attachments: countAttachments(expanded) },
    body: new JsonList(
      {
        '@odata.context': `${call.origin}/v1.0/$metadata#Collection(message)`,
        [`@odata.${done ? 'delta' : 'next'}Link`]: `${call.origin}${call.path}?$${kind}token=${sealToken(next, folder.id)}`,
      },
      value,
    ),
  });
}

/** The state the request stands for: that of its token, or a new walk. Undefined for a token that is not known (any more). */
function stateOf(
  { call, folder }: DeltaRequest,
  generations: DeltaGenerations,
): DeltaState | undefined {
  const token = call.query.get('$deltatoken') ?? call.query.get('$skiptoken');
  // An empty token is how a 410's Location asks to begin again.
  if (token === null || token === '') return newWalk(call, folder);
  // The link as it was handed out has its token and nothing else: one with more was edited.
  if ([...call.query.keys()].length > 1) {
    throw new GraphRefusal(
      badRequest(
        'Query options are encoded in the token and cannot be given again.',
        'ErrorInvalidUrlQuery',
      ),
    );
  }
  const state = openToken(token, folder.id);
  const known =
    state &&
    state.position <= folder.log.length &&
    generations.knows(state.lineage, state.generation);
  return known ? state : undefined;
}

function newWalk(call: Call, folder: MailFolder): DeltaState {
  const since = sinceOf(call);
  const orderBy = call.query.get('$orderby');
  if (orderBy !== null && !/^receivedDateTime desc$/i.test(orderBy)) {
    throw new GraphRefusal(
      badRequest('The $orderby parameter is not supported.', 'ErrorInvalidUrlQuery'),
    );
  }
  if (call.query.has('$search')) {
    throw new GraphRefusal(
      badRequest('The query option is not supported for delta.', 'ErrorInvalidUrlQuery'),
    );
  }
  const select = call.query.get('$select');
  parseSelect(call.query, 'microsoft.graph.message', isMessageProperty);
  const position = since === null ? 0 : firstOfNewest(folder, since);
  return {
    lineage: randomBytes(6).toString('base64url'),
    generation: 0,
    position,
    initial: true,
    select,
    since,
    expand: parseExpand(call.query) !== undefined,
  };
}

/** Where to begin so that a filtered walk returns no more than its cap, the newest ones. */
function firstOfNewest(folder: MailFolder, since: number): number {
  let matching = 0;
  let position = folder.log.length;
  while (position > 0 && matching < FILTERED_MAX) {
    position -= 1;
    const message = folder.log[position];
    const counts = message?.folder === folder && message.receivedAt >= since;
    if (counts && folder.isLatest(position)) matching += 1;
  }
  return position;
}

function sinceOf(call: Call): number | null {
  const filter = call.query.get('$filter');
  if (filter === null) return null;
  const literal = /^receivedDateTime\s+ge\s+(\S+)$/.exec(filter.trim())?.[1];
  const since = parseTimestamp(literal ?? '');
  if (since !== undefined) return since;
  const message =
    "The '$filter' parameter value is not supported for 'Messages' resource; only a value of 'receivedDateTime ge value' is supported.";
  throw new GraphRefusal(graphError(400, 'ErrorInvalidUrlQuery', message, { bare: true }));
}

function pageSize(call: Call, preferences: Preferences): number {
  const wanted = preferences.pageSize ?? Number(call.query.get('$top') ?? PAGE_SIZE_DEFAULT);
  return Math.min(
    Math.max(Number.isInteger(wanted) ? wanted : PAGE_SIZE_DEFAULT, 1),
    PAGE_SIZE_MAX,
  );
}

function syncStateNotFound({ call, folder }: DeltaRequest, generations: DeltaGenerations): Reply {
  const state = openToken(
    call.query.get('$deltatoken') ?? call.query.get('$skiptoken') ?? '',
    folder.id,
  );
  const newest = state ? generations.newest(state.lineage) : 0;
  const select = state?.select ? `&$select=${encodeURIComponent(state.select)}` : '';
  const expand = state?.expand ? '&$expand=attachments' : '';
  const message = `The sync state generation is not found; generation=${state?.generation ?? 0};[highest=${newest}].`;
  return graphError(410, 'SyncStateNotFound', message, {
    headers: { location: `${call.origin}${call.path}?$deltatoken=${select}${expand}` },
  });
}
