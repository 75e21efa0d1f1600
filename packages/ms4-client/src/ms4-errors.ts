import { HttpTimeoutError } from '@ms1/http-client';

/** Why a batch has no verdicts. Messages hold no content of a record. */
export class Ms4Error extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** 429, or 503 with Retry-After: every sender has to wait. */
export class Ms4ThrottledError extends Ms4Error {
  readonly retryAfterMs: number;
  readonly status: number;

  constructor(status: number, retryAfterMs: number) {
    super('ms4_throttled', `MS4 answered ${status}: again in ${retryAfterMs} ms`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer, or a 5xx: MS4 is unwell, or the way to it. It may have stored the batch: resend the same bytes under the same key. */
export class Ms4UnavailableError extends Ms4Error {
  /** undefined when there was no answer */
  readonly status: number | undefined;

  constructor(status?: number, cause?: unknown) {
    const what = status === undefined ? 'MS4 did not answer' : `MS4 answered ${status}`;
    super('ms4_unavailable', what, { cause });
    this.status = status;
  }
}

/** 401 or 403 even with fresh credentials, or no token: never a fault of a record. */
export class Ms4AuthError extends Ms4Error {
  /** null: the token endpoint gave no token, so MS4 was not asked */
  readonly status: number | null;

  constructor(status: number | null, cause?: unknown) {
    const what =
      status === null
        ? 'the token endpoint gives no token for MS4'
        : `MS4 answered ${status}: it does not accept our credentials`;
    super('ms4_auth', what, { cause });
    this.status = status;
  }
}

/** 413: send fewer bytes or items. */
export class Ms4TooLargeError extends Ms4Error {
  constructor() {
    super('ms4_too_large', 'MS4 answered 413: the batch is too large');
  }
}

export interface RefusedItem {
  /** the record's id */
  id: string;
  /** MS4's code, or its pointer's member (`subject`) when it gives none */
  code: string;
}

/**
 * 400, 409 or 422: MS4 refused the whole batch because of at least one item. `items` are those that it pointed at; if
 * it named none, the caller has to find them.
 */
export class Ms4RefusedError extends Ms4Error {
  readonly status: number;
  readonly items: readonly RefusedItem[];

  constructor(status: number, items: readonly RefusedItem[]) {
    super(
      status === 409 ? 'ms4_key_conflict' : 'ms4_refused',
      `MS4 answered ${status}: it refuses the batch (${items.length} items named)`,
    );
    this.status = status;
    this.items = items;
  }
}

/** It may be the gzipped body that is refused, and not what is in it: says nothing of the batch, nor of how MS4 is. */
export class Ms4CodingError extends Ms4Error {
  constructor(cause: unknown) {
    super('ms4_coding', 'MS4 may not take a gzipped body', { cause });
  }
}

/**
 * The answer is not one of the contract's: HTML from a proxy, a redirect, cut JSON, another batch's
 * result, a status that does not belong here. Never success; what MS4 did is not known.
 */
export class Ms4ProtocolError extends Ms4Error {
  /** where it is the status that the contract does not know */
  readonly status: number | undefined;

  constructor(problem: string, { status, ...options }: ErrorOptions & { status?: number } = {}) {
    super('ms4_protocol', `MS4 answered out of contract: ${problem}`, options);
    this.status = status;
  }
}

/**
 * Whether another call may help: not after throttling (its Retry-After pauses the queue) or an answer about content.
 */
export function isMs4Transient(error: unknown): boolean {
  return error instanceof Ms4UnavailableError || error instanceof Ms4ProtocolError;
}

/** Whether MS4 says or shows that it is not well. */
export function isMs4Unwell(error: unknown): boolean {
  return isMs4Transient(error) || (error instanceof Ms4ThrottledError && error.status === 503);
}

/** Whether an error says nothing about MS4: nothing was sent, we ended the call, or only its coding was refused. */
export function isMs4Silent(error: unknown): boolean {
  return !(error instanceof Ms4Error) || error instanceof Ms4CodingError;
}

/** A short code of how MS4 answered, for the ledger: `ms4_500`, `ms4_timeout`, `ms4_no_answer`. */
export function answerCodeOf(error: Ms4Error): string {
  const { status } = error as { status?: number | null };
  if (typeof status === 'number') return `ms4_${status}`;
  if (!(error instanceof Ms4UnavailableError)) return error.code;
  return isMs4Timeout(error) ? 'ms4_timeout' : 'ms4_no_answer';
}

/** Whether MS4 did not answer within its deadline: another call at once would cost as much again. */
export function isMs4Timeout(error: unknown): boolean {
  return error instanceof Ms4UnavailableError && error.cause instanceof HttpTimeoutError;
}
