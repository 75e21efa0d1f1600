import type { FaultTable } from '../faults/fault-table.ts';
import type { Reply } from '../http/call.ts';
import { JsonList } from '../http/json-list.ts';
import { graphError, itemNotFound, resourceNotFound } from './graph-error.ts';
import type { RequestKind } from './throttle.ts';

/** What a proxy or a bug sends with a 200 in the place of Graph's answer. */
const NONSENSE = ['<html><body>Sign in to continue</body></html>', '', '[]', '{"value": [{"id'];

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
  #nonsense = 0;

  constructor(faults: FaultTable) {
    this.#faults = faults;
  }

  strike(mailboxId: string, kind: RequestKind): Reply | undefined {
    return (
      this.#throttled(mailboxId) ??
      this.#moving(mailboxId) ??
      this.#missing(mailboxId) ??
      this.#quoted(mailboxId) ??
      this.#failed(mailboxId) ??
      this.#odd(mailboxId) ??
      (kind === 'message' && this.#faults.strike('graph-item-404', mailboxId)
        ? itemNotFound()
        : undefined)
    );
  }

  /** A page that Graph cannot make fails each time, however well the next may do. */
  onPage(mailboxId: string, reply: Reply): Reply {
    const { body } = reply;
    if (!(body instanceof JsonList) || body.value.length === 0) return reply;
    const failed = this.#faults.strike('graph-page-5xx', mailboxId, ({ match, max }) =>
      match === '' ? body.value.length > max : body.value.some((item) => item.includes(match)),
    );
    return failed ? graphError(failed.status, 'UnknownError', '') : reply;
  }

  #throttled(mailboxId: string): Reply | undefined {
    const strike = this.#faults.strike('graph-429', mailboxId);
    if (!strike) return undefined;
    const retryAfter = strike.match === '' ? String(strike.retryAfterS) : strike.match;
    return graphError(429, 'TooManyRequests', 'Please retry again later.', {
      headers: retryAfter === 'none' ? {} : { 'retry-after': retryAfter },
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

  #odd(mailboxId: string): Reply | undefined {
    if (!this.#faults.strike('graph-nonsense', mailboxId)) return undefined;
    const body = NONSENSE[this.#nonsense % NONSENSE.length] ?? '';
    this.#nonsense += 1;
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
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
