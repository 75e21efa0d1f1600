import type { RequestKind } from '../http/request-kind.ts';
import { embeddedStatus } from './embedded-status.ts';
import {
  GraphAuthError,
  GraphConflictError,
  type GraphError,
  type GraphErrorFacts,
  GraphExpandError,
  GraphForbiddenError,
  GraphItemNotFoundError,
  GraphMailboxError,
  GraphNotFoundError,
  GraphQuotaError,
  GraphRequestError,
  GraphResetError,
  GraphThrottledError,
  GraphTimeoutError,
  GraphTransientError,
  GraphUnavailableError,
} from './graph-error.ts';
import { retryAfterMs } from './retry-after.ts';

/** An answer that is not 2xx, of a call or of an item in a $batch. */
export interface Refusal {
  status: number;
  /** reads a response header by lower-case name */
  header: (name: string) => string | null;
  /** the id that was sent with it, for an answer that does not repeat it */
  clientRequestId?: string;
  asked?: RequestKind;
  /** parsed JSON; anything else when the body was none: a 503 may carry HTML (docs/graph-contract.md#errors) */
  body: unknown;
}

const RESET_CODES = new Set(['syncstatenotfound', 'resyncrequired', 'syncstateinvalid']);
const MAILBOX_CODES = new Set([
  'mailboxnotenabledforrestapi',
  'resourcenotfound',
  'request_resourcenotfound',
  'errorinvaliduser',
  'errornonexistentmailbox',
]);
/** of the message itself, in the store of its mailbox */
const ITEM_CODES = new Set(['erroritemnotfound']);
/** EWS codes that surface with varying statuses while a mailbox moves (docs/graph-contract.md#mailbox-states) */
const UNAVAILABLE_CODES = new Set([
  'errormailboxstoreunavailable',
  'errormailboxmoveinprogress',
  'mailboxinfostale',
  'resourceunhealthy',
]);
const THROTTLED_CODES = new Set([
  'applicationthrottled',
  'toomanyrequests',
  'activitylimitreached',
]);

/** Chooses the error of a refusal as docs/graph-contract.md#errors classes them. */
export function classify(refusal: Refusal, now: number): GraphError {
  const { header, body } = refusal;
  const codes = codesOf(body);
  const extension = codes.some((code) => code.toLowerCase() === 'extensionerror');
  const message = extension ? field(field(body, 'error'), 'message') : null;
  const embedded = embeddedStatus(message);
  // What failed behind Graph decides, not the status it was wrapped in (docs/graph-contract.md#errors).
  const status = embedded ?? refusal.status;
  const has = (known: ReadonlySet<string>): boolean =>
    codes.some((code) => known.has(code.toLowerCase()));
  const facts: GraphErrorFacts = {
    status: refusal.status,
    asked: refusal.asked ?? null,
    graphCode: codes[0] ?? '',
    requestId: header('request-id') ?? innerText(body, 'request-id'),
    clientRequestId: refusal.clientRequestId ?? header('client-request-id'),
    date: header('date') ?? innerText(body, 'date'),
    diagnostic: header('x-ms-ags-diagnostic'),
    retryAfterMs: retryAfterMs(header('retry-after'), now),
  };
  if (status === 410 || (status >= 400 && status < 500 && has(RESET_CODES))) {
    return new GraphResetError('forgot the delta link', facts);
  }
  if (status === 429 || status === 509 || (status < 500 && has(THROTTLED_CODES))) {
    return new GraphThrottledError('throttles', facts);
  }
  if (status === 503 || has(UNAVAILABLE_CODES)) {
    return new GraphUnavailableError('is not available', facts);
  }
  switch (status) {
    case 401:
      return new GraphAuthError('refuses the token', facts);
    case 403:
      return extension && refusal.status === 403 && isFull(message, embedded)
        ? new GraphQuotaError('has no room for more in this mailbox', facts)
        : new GraphForbiddenError('forbids the call', facts);
    case 404:
      // Embedded: the mailbox is on premises, or a policy hides it.
      if (has(MAILBOX_CODES) || embedded !== null) {
        return new GraphMailboxError('does not serve the mailbox', facts);
      }
      return has(ITEM_CODES)
        ? new GraphItemNotFoundError('does not find the item', facts)
        : new GraphNotFoundError('does not find the resource', facts);
    case 409:
      return new GraphConflictError('has it already', facts);
    // 424: another item of the same $batch failed, so this one was never tried.
    case 408:
    case 423:
    case 424:
      return new GraphTransientError('could not handle the request now', facts);
    case 504:
      return new GraphTimeoutError('took too long', facts);
    case 400:
      // The code is that of any malformed query: only the words tell what of it was refused.
      return /\bexpand/i.test(String(field(field(body, 'error'), 'message')))
        ? new GraphExpandError('refuses to expand', facts)
        : new GraphRequestError('refuses the request', facts);
    default:
      return status >= 400 && status < 500
        ? new GraphRequestError('refuses the request', facts)
        : new GraphTransientError('failed', facts);
  }
}

/**
 * A mailbox with all the subscriptions it may have, and a policy that forbids them, are both 403 ExtensionError
 * around 403: only the words differ (docs/graph-contract.md#errors). A policy, unless a maximum is named.
 */
function isFull(message: unknown, embedded: number | null): boolean {
  const text = typeof message === 'string' ? message : '';
  if (/maximum|limit|quota|exceed|too many/i.test(text)) return true;
  return embedded === null && !/access|disabled|denied|polic|allowed|forbid/i.test(text);
}

/** `error.code` and the codes nested in its inner errors, outermost first, without empty ones. */
function codesOf(body: unknown): string[] {
  const codes: string[] = [];
  let error = field(body, 'error');
  // Nesting is two deep in everything seen; the bound only guards against a hostile answer.
  for (let depth = 0; depth < 5 && error !== undefined; depth += 1) {
    const code = field(error, 'code');
    if (typeof code === 'string' && code !== '') codes.push(code);
    error = field(error, 'innerError') ?? field(error, 'innererror');
  }
  return codes;
}

function innerText(body: unknown, name: string): string | null {
  const error = field(body, 'error');
  const value = field(field(error, 'innerError') ?? field(error, 'innererror'), name);
  return typeof value === 'string' ? value : null;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
