import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@ms1/runtime';
import { z } from 'zod';

import type { Mailbox } from '../mail/mailbox.ts';
import type { Delivery, PostOffice } from '../mail/post-office.ts';

/** As fast as is sensible on a machine that it shares with the fleet it feeds. */
const PER_SECOND_DEFAULT = 2_000;
const TICK_MS = 50;

export const InjectCommand = z.strictObject({
  messages: z.int().min(1).max(10_000_000),
  mailboxes: z.int().min(1).optional(),
  seed: z.int().min(0).max(0xffff_ffff).optional(),
  /** the share that is announced by notification; the rest is found by delta only */
  announced: z.number().min(0).max(1).default(0.5),
  perSecond: z.number().positive().optional(),
});
export type InjectCommand = z.infer<typeof InjectCommand>;

export interface Progress {
  readonly plan: string;
  readonly planned: number;
  readonly injected: number;
  readonly notified: number;
  readonly done: boolean;
}

export interface InjectorOptions {
  readonly postOffice: PostOffice;
  readonly mailboxes: readonly Mailbox[];
  readonly seed: number;
  readonly clock: Clock;
  /** told why a plan ended early */
  readonly onError: (error: unknown) => void;
}

interface PlanSettings {
  readonly messages: number;
  readonly mailboxes: number;
  readonly seed: number;
  readonly announced: number;
  readonly perSecond: number;
}

interface Plan {
  readonly id: string;
  readonly command: PlanSettings;
  injected: number;
  notified: number;
}

/** Injects the messages of one plan at a time, in the background. Message (seed, index) comes once for ever, over restarts too. */
export class Injector {
  readonly #options: InjectorOptions;
  readonly #stop = new AbortController();
  #plan: Plan | undefined;
  #running: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(options: InjectorOptions) {
    this.#options = options;
  }

  get progress(): Progress {
    const plan = this.#plan;
    if (!plan) return { plan: '', planned: 0, injected: 0, notified: 0, done: true };
    const { messages: planned } = plan.command;
    const { id, injected, notified } = plan;
    return { plan: id, planned, injected, notified, done: injected === planned };
  }

  /** Begins a plan; asked again for the plan that runs it only tells how far it is. False while another one runs. */
  start(command: InjectCommand): boolean {
    const filled: PlanSettings = {
      messages: command.messages,
      announced: command.announced,
      mailboxes: command.mailboxes ?? this.#options.mailboxes.length,
      seed: command.seed ?? this.#options.seed,
      perSecond: command.perSecond ?? PER_SECOND_DEFAULT,
    };
    const id = `seed${filled.seed}-messages${filled.messages}-mailboxes${filled.mailboxes}-announced${filled.announced}`;
    if (this.#plan && !this.progress.done && !this.#failed) return this.#plan.id === id;
    this.#failed = false;
    if (this.#plan?.id === id && this.progress.done) return true;
    const plan: Plan = { id, command: filled, injected: 0, notified: 0 };
    this.#plan = plan;
    this.#running = this.#run(plan).catch((error: unknown) => {
      this.#failed = true;
      this.#options.onError(error);
    });
    return true;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(plan: Plan): Promise<void> {
    const { postOffice, clock } = this.#options;
    const { messages, seed, perSecond } = plan.command;
    const begunAt = clock.now();
    let fresh = 0;
    for (let index = 0; index < messages && !this.#stop.signal.aborted; ) {
      const due = Math.ceil(((clock.now() - begunAt + TICK_MS) / 1_000) * perSecond) - fresh;
      const deliveries: Delivery[] = [];
      for (; index < messages && deliveries.length < due; index += 1) {
        if (postOffice.has(seed, index)) plan.injected += 1;
        else deliveries.push(this.#delivery(plan, index));
      }
      postOffice.deliver(deliveries, () => {
        plan.notified += 1;
      });
      fresh += deliveries.length;
      plan.injected += deliveries.length;
      await delay(TICK_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  #delivery({ id, command }: Plan, index: number): Delivery {
    const position = index % command.mailboxes;
    const mailbox = this.#options.mailboxes[position];
    const folder = mailbox?.folder('inbox');
    if (!mailbox || !folder) throw new RangeError(`there is no mailbox ${position}`);
    const announced = isAnnounced(index, command);
    return { plan: id, seed: command.seed, index, mailbox, folder, announced };
  }
}

/** Spreads the announced share evenly over time in each mailbox, and its phase over the mailboxes. */
export function isAnnounced(
  index: number,
  { mailboxes, announced }: { mailboxes: number; announced: number },
): boolean {
  const round = Math.floor(index / mailboxes);
  const phase = (index % mailboxes) / mailboxes;
  return Math.floor((round + 1) * announced + phase) > Math.floor(round * announced + phase);
}
