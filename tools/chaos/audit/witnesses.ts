import { join } from 'node:path';

import { LineTail } from '../../fleet/line-tail.ts';
import { messageKeyOf } from './message-key.ts';

/** A message that came into a mailbox. */
export interface Mail {
  /** what names it everywhere: docs/glossary.md has it as message key */
  readonly key: string;
  readonly mailboxId: string;
  readonly messageId: string;
  /** ms since the epoch */
  readonly at: number;
  readonly announced: boolean;
  /** of the plan; what a row put in by hand is not */
  readonly planned: boolean;
}

/** A record that MS4 stored: an effect. */
export interface Effect {
  readonly key: string;
  /** under which it was stored; that of the message, if all is well */
  readonly recordId: string;
  readonly batchId: string;
  readonly at: number;
}

/** A batch request that reached MS4. */
export interface Arrival {
  /** ms since the epoch, and of the machine's monotonic clock */
  readonly at: number;
  readonly monotonicMs: number;
  /** the idempotency key */
  readonly key: string;
}

/** The ledgers that the simulator writes, and nobody else: what was there, and what came of it. */
export class Witnesses {
  readonly #tenantId: string;
  readonly #files: Readonly<Record<'injected' | 'changes' | 'stored' | 'arrivals', LineTail>>;
  readonly mail = new Map<string, Mail>();
  readonly effects: Effect[] = [];
  readonly arrivals: Arrival[] = [];
  /** keys of messages that somebody deleted from their mailbox */
  readonly deleted = new Set<string>();
  readonly #stored = new Set<string>();

  constructor(folder: string, tenantId: string) {
    this.#tenantId = tenantId;
    const tail = (name: string): LineTail => new LineTail(join(folder, `${name}.jsonl`));
    this.#files = {
      injected: tail('injected'),
      changes: tail('changes'),
      stored: tail('stored'),
      arrivals: tail('arrivals'),
    };
  }

  /** Takes in what was written since the last call. */
  refresh(): void {
    // What is stored was injected before, so it is never looked for in vain.
    this.#files.stored.read((line) => {
      const key = this.#keyOf(line['mailbox'], line['messageId']);
      this.#stored.add(key);
      this.effects.push({
        key,
        recordId: String(line['id']),
        batchId: String(line['batchId']),
        at: Date.parse(String(line['at'])),
      });
    });
    this.#files.injected.read((line) => {
      const [mailboxId, messageId] = [String(line['mailboxId']), String(line['messageId'])];
      const key = this.#keyOf(mailboxId, messageId);
      const at = Date.parse(String(line['at']));
      const announced = line['announced'] === true;
      const planned = line['plan'] !== 'manual';
      this.mail.set(key, { key, mailboxId, messageId, at, announced, planned });
    });
    this.#files.arrivals.read((line) => {
      this.arrivals.push({
        at: Date.parse(String(line['at'])),
        monotonicMs: Number(line['monotonicMs']),
        key: String(line['key']),
      });
    });
    this.#files.changes.read((line) => {
      const { kind } = line['change'] as { kind: string };
      if (kind === 'delete') this.deleted.add(this.#keyOf(line['mailboxId'], line['messageId']));
    });
  }

  /** messages that are in no record of MS4 */
  missing(): Mail[] {
    return [...this.mail.values()].filter(({ key }) => !this.#stored.has(key));
  }

  #keyOf(mailboxId: unknown, messageId: unknown): string {
    return messageKeyOf([this.#tenantId, String(mailboxId), String(messageId)]);
  }
}
