import type { FaultTable } from '../faults/fault-table.ts';
import type { Reply } from '../http/call.ts';
import { graphError, resourceNotFound } from './graph-error.ts';

/**
 * How a mailbox fails on command, as Graph does (docs/graph-contract.md#errors); undefined when it does not.
 */
export class MailboxFaults {
  readonly #faults: FaultTable;
  /**
   * how often each mailbox said that it is not there: it says so in two ways, by turns
   * (docs/graph-contract.md#mailbox-states)
   */
  readonly #denials = new Map<string, number>();

  constructor(faults: FaultTable) {
    this.#faults = faults;
  }

  strike(mailboxId: string): Reply | undefined {
    return (
      this.#throttled(mailboxId) ??
      this.#moving(mailboxId) ??
      this.#missing(mailboxId) ??
      this.#quoted(mailboxId) ??
      this.#failed(mailboxId)
    );
  }

  /** A page that takes Graph too long to make is a 504, however small the next may be. */
  tooLong(mailboxId: string, reply: Reply): Reply {
    const messages = (reply.body as { value?: unknown[] } | undefined)?.value?.length ?? 0;
    const strike = messages > 0 && this.#faults.strike('graph-504-page', mailboxId);
    return strike && messages > strike.max ? graphError(504, 'UnknownError', '') : reply;
  }

  #throttled(mailboxId: string): Reply | undefined {
    const strike = this.#faults.strike('graph-429', mailboxId);
    if (!strike) return undefined;
    // `match` is a Retry-After that is no number: a date, or nonsense.
    const retryAfter = strike.match === '' ? String(strike.retryAfterS) : strike.match;
    return graphError(429, 'TooManyRequests', 'Please retry again later.', {
      headers: { 'retry-after': retryAfter },
    });
  }

  #moving(mailboxId: string): Reply | undefined {
    return (
      this.#faults.strike('graph-mailbox-move', mailboxId) &&
      graphError(503, 'ErrorMailboxMoveInProgress', 'Mailbox move in progress. Try again later.')
    );
  }

  #missing(mailboxId: string): Reply | undefined {
    if (!this.#faults.strike('graph-mailbox-missing', mailboxId)) return undefined;
    const denials = (this.#denials.get(mailboxId) ?? 0) + 1;
    this.#denials.set(mailboxId, denials);
    if (denials % 2 === 0) return resourceNotFound();
    return graphError(
      404,
      'MailboxNotEnabledForRESTAPI',
      'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
    );
  }

  #quoted(mailboxId: string): Reply | undefined {
    const quoted = this.#faults.strike('graph-quotes', mailboxId);
    return quoted && graphError(quoted.status, quoted.match, quoted.match);
  }

  #failed(mailboxId: string): Reply | undefined {
    const failed = this.#faults.strike('graph-5xx', mailboxId);
    if (!failed) return undefined;
    // A busy front end need not answer JSON (docs/graph-contract.md#errors).
    if (failed.status === 503) {
      const headers = { 'content-type': 'text/html' };
      return { status: 503, headers, body: '<h1>Service Unavailable</h1>' };
    }
    return graphError(failed.status, 'UnknownError', '');
  }
}
