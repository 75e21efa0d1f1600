import type { Clock } from '@ms1/runtime';

import type { FaultTable } from '../faults/fault-table.ts';
import type { Call, Reply } from '../http/call.ts';
import { JsonList } from '../http/json-list.ts';
import type { MailMessage } from '../mail/mail-message.ts';
import { badRequest, graphError } from './graph-error.ts';

/** How the delta of a folder fails on command: what docs/graph-contract.md#delta says that a client must bear. */
export class DeltaFaults {
  readonly #faults: FaultTable;
  readonly #clock: Clock;

  constructor(faults: FaultTable, clock: Clock) {
    this.#faults = faults;
    this.#clock = clock;
  }

  /** An answer instead of the page; undefined: the page is made. */
  instead(mailboxId: string, call: Call): Reply | undefined {
    const reset = this.#faults.strike('delta-reset', mailboxId);
    if (reset) {
      const code = reset.match === '' ? 'SyncStateNotFound' : reset.match;
      return graphError(reset.status, code, 'The sync state generation is not found.', {
        headers: { location: `${call.origin}${call.path}?$deltatoken=` },
      });
    }
    if (this.#faults.strike('delta-400', mailboxId)) {
      return badRequest('The request is not understood.', 'ErrorInvalidRequest');
    }
    const token = call.query.get('$skiptoken') ?? call.query.get('$deltatoken') ?? '';
    // A page without items leads to itself: what a client gets next decides how it goes on.
    if (token === '' || !this.#faults.strike('delta-empty', mailboxId)) return undefined;
    const next = `${call.origin}${call.path}?$skiptoken=${token}`;
    return { status: 200, body: { '@odata.nextLink': next, value: [] } };
  }

  /** Where the page begins: earlier than its link says, when Graph repeats itself. */
  startOf(mailboxId: string, position: number): number {
    const replay = this.#faults.strike('delta-replay', mailboxId);
    return replay ? Math.max(0, position - replay.max) : position;
  }

  /** The walk ends before this message, which comes with a later one. */
  holdsBack(mailboxId: string, { receivedAt }: MailMessage): boolean {
    const lag = this.#faults.strike(
      'delta-lag',
      mailboxId,
      ({ ms }) => receivedAt > this.#clock.now() - ms,
    );
    return lag !== undefined;
  }

  /** The walk passes over this message and never tells of it. */
  hides(mailboxId: string): boolean {
    return this.#faults.strike('delta-hides', mailboxId) !== undefined;
  }

  /** The page as it is sent. */
  distort(mailboxId: string, reply: Reply & { readonly body: JsonList }): Reply {
    if (this.#faults.strike('delta-truncated', mailboxId)) {
      const text = JSON.stringify(reply.body);
      const headers = { 'content-type': 'application/json' };
      return { ...reply, headers, body: text.slice(0, Math.floor(text.length / 2)) };
    }
    if (!this.#faults.strike('delta-doubled', mailboxId)) return reply;
    const { envelope, value } = reply.body;
    return { ...reply, body: new JsonList(envelope, [...value, ...value.toReversed()]) };
  }
}
