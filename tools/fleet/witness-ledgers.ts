import { join } from 'node:path';

import { LineTail } from './line-tail.ts';

/** A message as the simulator's own ledger has it. */
export interface InjectedMessage {
  mailboxId: string;
  /** Graph immutable id */
  messageId: string;
  /** RFC 3339 */
  at: string;
  announced: boolean;
}

/** Which messages of the ledger an audit is about: the first so many of a seed. */
export interface Plan {
  seed: number;
  messages: number;
}

/**
 * What was put into mailboxes and what MS4 stored, read from the simulator's append-only files
 * without asking the simulator or anything else that is under test.
 */
export class WitnessLedgers {
  readonly #plan: Plan;
  readonly #injectedFile: LineTail;
  readonly #storedFile: LineTail;
  readonly #injected = new Map<string, InjectedMessage>();
  /** record ids under which MS4 stored a message */
  readonly #stored = new Map<string, string[]>();
  readonly #known = new Set<string>();
  #delivered = 0;

  constructor(folder: string, plan: Plan) {
    this.#plan = plan;
    this.#injectedFile = new LineTail(join(folder, 'injected.jsonl'));
    this.#storedFile = new LineTail(join(folder, 'stored.jsonl'));
  }

  /** Takes in what was written since the last call. */
  refresh(): void {
    // Stored first: what is stored was injected before, so it is never looked for in vain.
    const stored: { key: string; id: string }[] = [];
    this.#storedFile.read((line) => {
      stored.push({ key: keyOf(line['mailbox'], line['messageId']), id: String(line['id']) });
    });
    this.#injectedFile.read((line) => {
      const key = keyOf(line['mailboxId'], line['messageId']);
      this.#known.add(key);
      if (line['seed'] !== this.#plan.seed || Number(line['index']) >= this.#plan.messages) return;
      this.#injected.set(key, {
        mailboxId: String(line['mailboxId']),
        messageId: String(line['messageId']),
        at: String(line['at']),
        announced: line['announced'] === true,
      });
    });
    for (const { key, id } of stored) {
      const ids = this.#stored.get(key);
      if (ids) ids.push(id);
      else {
        this.#stored.set(key, [id]);
        if (this.#injected.has(key)) this.#delivered += 1;
      }
    }
  }

  /** messages of the plan that are in a mailbox */
  get injected(): number {
    return this.#injected.size;
  }

  /** messages of the plan that MS4 stored */
  get delivered(): number {
    return this.#delivered;
  }

  /** when the first message of the plan appeared; RFC 3339 */
  get begunAt(): string | undefined {
    return this.#injected.values().next().value?.at;
  }

  missing(): InjectedMessage[] {
    return [...this.#injected].filter(([key]) => !this.#stored.has(key)).map(([, value]) => value);
  }

  /** messages of the plan that were stored more than once, under whatever id */
  doubled(): InjectedMessage[] {
    return [...this.#injected]
      .filter(([key]) => (this.#stored.get(key)?.length ?? 0) > 1)
      .map(([, value]) => value);
  }

  /** records that MS4 stored and nobody put into a mailbox */
  phantoms(): string[] {
    return [...this.#stored].flatMap(([key, ids]) => (this.#known.has(key) ? [] : ids));
  }
}

function keyOf(mailbox: unknown, messageId: unknown): string {
  return `${String(mailbox).toLowerCase()}/${String(messageId)}`;
}
