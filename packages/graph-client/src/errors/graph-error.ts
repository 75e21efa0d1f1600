import type { RequestKind } from '../http/request-kind.ts';
import { toldFacts } from './told-facts.ts';

/** What is known of a refused or failed call, for the decision and for Microsoft's support. */
export interface GraphErrorFacts {
  /** HTTP status of the call or of its item in a $batch; null when there was no answer */
  status: number | null;
  /** what the call was for */
  asked?: RequestKind | null;
  /** `error.code` as Graph sent it; an error keeps it where it is a code, and else an empty one */
  graphCode?: string;
  /** `request-id`, which Microsoft's support asks for */
  requestId?: string | null;
  /** what support asks for besides: our own `client-request-id`, the answer's `date`, `x-ms-ags-diagnostic` */
  clientRequestId?: string | null;
  date?: string | null;
  diagnostic?: string | null;
  /** ms to wait, from Retry-After; null when Graph named none */
  retryAfterMs?: number | null;
  cause?: unknown;
}

/**
 * A call to Graph failed. Callers decide by the subclass, which is chosen by HTTP status and `error.code`, never by
 * text (docs/graph-contract.md#errors). Messages hold neither addresses nor ids, so they may be logged.
 */
export abstract class GraphError extends Error {
  abstract readonly code: string;
  readonly status: number | null;
  readonly asked: RequestKind | null;
  readonly graphCode: string;
  readonly requestId: string | null;
  readonly clientRequestId: string | null;
  readonly date: string | null;
  readonly diagnostic: string | null;
  readonly retryAfterMs: number | null;

  constructor(what: string, facts: GraphErrorFacts) {
    const { status, retryAfterMs = null, cause } = facts;
    const told = toldFacts(facts);
    const graphCode = told.graphCode ?? '';
    const answer = status === null ? 'no answer' : `${status}${graphCode && ` ${graphCode}`}`;
    super(`Graph ${what} (${answer})`, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.status = status;
    this.asked = facts.asked ?? null;
    this.graphCode = graphCode;
    this.requestId = told.requestId;
    this.clientRequestId = told.clientRequestId;
    this.date = told.date;
    this.diagnostic = told.diagnostic;
    this.retryAfterMs = retryAfterMs;
    // BullMQ keeps the stack of a failed job: there the operator finds what to tell support.
    const support = this.support;
    if (support !== '') this.stack = `${this.stack ?? this.message}\n    for support: ${support}`;
  }

  /** What Microsoft's support asks for, as one line without personal data; empty when there was no answer. */
  get support(): string {
    const ids = [
      ['request-id', this.requestId],
      ['client-request-id', this.clientRequestId],
      ['date', this.date],
      ['x-ms-ags-diagnostic', this.diagnostic],
    ].filter(([, value]) => value !== null);
    if (ids.length === 0) return '';
    const facts = this.asked === null ? ids : [['asked for', this.asked], ...ids];
    return facts.map(([name, value]) => `${name} ${value}`).join(', ');
  }
}

/** 429, 509, or no permit in time: again after `retryAfterMs`, without counting an attempt. */
export class GraphThrottledError extends GraphError {
  readonly code = 'graph_throttled';
}

/** A 5xx, 408, 423, timeout or reset: it may be over at once. */
export class GraphTransientError extends GraphError {
  readonly code: 'graph_transient' | 'graph_unavailable' | 'graph_timeout' = 'graph_transient';
}

/** No permit was free in time, so no call was made: it says nothing about Graph and costs no attempt. */
export class GraphUnaskedError extends GraphTransientError {
  constructor(cause: unknown) {
    super('could not be asked without a permit', { status: null, cause });
  }
}

/** 504, or no answer in time: what was asked for took longer than Graph's 30 s or ours; a smaller request may not. */
export class GraphTimeoutError extends GraphTransientError {
  override readonly code = 'graph_timeout';
}

/**
 * 503: the mailbox is moving or its store is down, for minutes to hours (docs/graph-contract.md#mailbox-states). Snooze
 * the job: retries would use up its attempts long before.
 */
export class GraphUnavailableError extends GraphTransientError {
  override readonly code = 'graph_unavailable';
}

/** 401 after a fresh token, or the token endpoint refused our credential. */
export class GraphAuthError extends GraphError {
  readonly code = 'graph_auth';
  readonly #what: string;

  constructor(what: string, facts: GraphErrorFacts) {
    super(what, facts);
    this.#what = what;
  }

  /** The same refusal for a call that was not made: nobody calls for `retryAfterMs`. */
  again(retryAfterMs: number): GraphAuthError {
    const { status, graphCode, requestId } = this;
    return new GraphAuthError(this.#what, { status, graphCode, requestId, retryAfterMs });
  }
}

/** 403: a policy, a missing consent or a quota; policies take up to 2 h to apply, so never permanent. */
export class GraphForbiddenError extends GraphError {
  readonly code: 'graph_forbidden' | 'graph_quota' = 'graph_forbidden';
}

/** 403 ExtensionError: the mailbox has its maximum of subscriptions, until strays are deleted. */
export class GraphQuotaError extends GraphForbiddenError {
  override readonly code = 'graph_quota';
}

/** The mailbox is not in the directory, or removed: nothing was sent. */
export class GraphUnlistedError extends GraphError {
  readonly code = 'graph_unlisted';

  constructor() {
    super('is not asked for a mailbox that is not listed', { status: null });
  }
}

/** Any other 404, such as a gateway's: it says nothing about the item. */
export class GraphNotFoundError extends GraphError {
  readonly code = 'graph_not_found';
}

/** 404 with Graph's code for a missing item: deleted, moved or not readable yet. One answer is no proof. */
export class GraphItemNotFoundError extends GraphNotFoundError {}

/**
 * 404 of the mailbox: no licence, on premises, soft-deleted or gone; flips back at times
 * (docs/graph-contract.md#mailbox-states).
 */
export class GraphMailboxError extends GraphError {
  readonly code = 'graph_mailbox_missing';
}

/** Graph no longer knows the delta link: walk the folder from its beginning. */
export class GraphResetError extends GraphError {
  readonly code = 'graph_reset';
}

/** 409: a subscription of the same resource and change type exists. */
export class GraphConflictError extends GraphError {
  readonly code = 'graph_conflict';
}

/** Any other 4xx: our request is wrong, and repeating it does not help. */
export class GraphRequestError extends GraphError {
  readonly code = 'graph_request';
}

/** 400 that names the expansion: without it the same may be read (docs/graph-contract.md#attachments-by-the-page). */
export class GraphExpandError extends GraphRequestError {}

/** An answer we cannot read: nothing of it is used. */
export class GraphProtocolError extends GraphError {
  readonly code = 'graph_protocol';
}

/** A link that leaves the configured Graph, or the mailbox it is for: it is not followed. */
export class GraphForeignLinkError extends GraphProtocolError {}
