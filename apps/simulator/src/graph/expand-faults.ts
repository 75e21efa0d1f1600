import type { FaultTable } from '../faults/fault-table.ts';
import type { GeneratedMessage } from '../generator/generated-message.ts';
import { type Expansion, isTooLarge } from './expand.ts';
import { badRequest, GraphRefusal, tookTooLong } from './graph-error.ts';

export interface ExpandedRequest {
  readonly mailboxId: string;
  readonly origin: string;
  /** the messages whose attachments are asked for */
  readonly messages: readonly GeneratedMessage[];
}

/** How Graph refuses, on command, to expand attachments, or does it otherwise than it was asked to. */
export class ExpandFaults {
  readonly #faults: FaultTable;

  constructor(faults: FaultTable) {
    this.#faults = faults;
  }

  /**
   * What is expanded in the end; undefined: nothing.
   *
   * @throws {GraphRefusal} 400 when Graph does not want to, 504 when it takes too long
   */
  apply(expansion: Expansion, { mailboxId, origin, messages }: ExpandedRequest) {
    if (this.#faults.strike('graph-expand-400', mailboxId)) {
      const message =
        "The following parameters are not supported over the 'Messages' resource: '$expand'.";
      throw new GraphRefusal(badRequest(message, 'ErrorInvalidUrlQuery'));
    }
    if (messages.length === 0) return expansion;
    if (this.#isTooMuch(mailboxId, messages)) throw new GraphRefusal(tookTooLong());
    if (this.#faults.strike('graph-expand-missing', mailboxId)) return undefined;
    const bytes = this.#faults.strike('graph-expand-bytes', mailboxId) !== undefined;
    const select = bytes ? undefined : expansion.select;
    if (!select && isTooLarge(messages)) throw new GraphRefusal(tookTooLong());
    const paged = this.#faults.strike('graph-expand-paged', mailboxId);
    return { select, paged: paged && { max: paged.max, origin } };
  }

  #isTooMuch(mailboxId: string, messages: readonly GeneratedMessage[]): boolean {
    const struck = this.#faults.strike('graph-expand-504', mailboxId, ({ max, match }) =>
      match === ''
        ? messages.length > max
        : messages.some(({ subject }) => subject?.includes(match)),
    );
    return struck !== undefined;
  }
}
