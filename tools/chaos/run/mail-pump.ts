import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosFleet } from '../chaos-fleet.ts';

export interface MailPlan {
  readonly seed: number;
  readonly messages: number;
  readonly mailboxes: number;
  readonly perSecond: number;
}

const TICK_MS = 500;
const PER_SECOND_AT_THE_END = 100;
/** Half is announced by notification; the other half only delta finds. */
const ANNOUNCED = 0.5;

/**
 * Lets mail come at a steady pace, up to a mark that is moved on: however long a fault takes, mail still comes after it.
 * Message (seed, index) comes once for ever, so each tick asks for all up to where it is to be.
 */
export class MailPump {
  readonly #fleet: Pick<ChaosFleet, 'control'>;
  readonly #plan: MailPlan;
  #perSecond: number;
  #upTo = 0;
  #sent = 0;

  constructor(fleet: Pick<ChaosFleet, 'control'>, plan: MailPlan) {
    this.#fleet = fleet;
    this.#plan = plan;
    this.#perSecond = plan.perSecond;
  }

  /** messages that were asked for */
  get sent(): number {
    return this.#sent;
  }

  /** all of the plan has come */
  get isDry(): boolean {
    return this.#sent >= this.#plan.messages;
  }

  allow(upTo: number): void {
    this.#upTo = Math.min(Math.round(upTo), this.#plan.messages);
  }

  /** The rest may come, and faster: nothing is waited for any more. */
  finish(): void {
    this.#upTo = this.#plan.messages;
    this.#perSecond = Math.max(this.#perSecond, PER_SECOND_AT_THE_END);
  }

  /** Until all of the plan has come, or the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { messages } = this.#plan;
    let at = performance.now();
    let due = 0;
    while (this.#sent < messages) {
      signal.throwIfAborted();
      const now = performance.now();
      // What was not allowed is not made up for in a burst.
      due = Math.min(this.#upTo, due + ((now - at) / 1_000) * this.#perSecond);
      at = now;
      if (Math.floor(due) > this.#sent) await this.#inject(Math.floor(due));
      await delay(TICK_MS, undefined, { signal });
    }
  }

  async #inject(messages: number): Promise<void> {
    const { seed, mailboxes } = this.#plan;
    const plan = { messages, mailboxes, seed, announced: ANNOUNCED };
    await this.#fleet.control('inject', plan);
    this.#sent = messages;
  }
}
