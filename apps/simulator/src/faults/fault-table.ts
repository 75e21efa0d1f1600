import { z } from 'zod';

import type { Random } from '../generator/random.ts';

interface Fault {
  readonly about: string;
  /** the settings it reads besides share, times and mailboxId, with their defaults */
  readonly settings: Readonly<Partial<Record<'ms' | 'status' | 'retryAfterS', number>>>;
}

/** What can go wrong on command. A new fault is a row here and one `strike()` where it bites. */
const FAULTS = {
  'ms4-down': { about: 'MS4 answers 503 with Retry-After', settings: { retryAfterS: 1 } },
  'ms4-latency': { about: 'MS4 takes so many ms longer', settings: { ms: 1_000 } },
  'ms4-commit-then-reset': {
    about: 'MS4 stores the batch, then resets the connection',
    settings: {},
  },
  'graph-429': { about: 'Graph throttles a mailbox request', settings: { retryAfterS: 1 } },
  'graph-5xx': { about: 'Graph fails a mailbox request', settings: { status: 503 } },
  'drop-notifications': { about: 'Graph never sends a notification', settings: {} },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

export const FaultCommand = z.strictObject({
  name: z.enum(Object.keys(FAULTS) as [FaultName, ...FaultName[]]),
  /** of the occasions, 0 to 1; 0 ends the fault */
  share: z.number().min(0).max(1).default(1),
  /** it ends by itself after so many strikes */
  times: z.int().min(1).optional(),
  /** only for this mailbox; faults of Graph and of notifications */
  mailboxId: z.string().optional(),
  ms: z.int().min(0).optional(),
  status: z.int().min(500).max(599).optional(),
  retryAfterS: z.int().min(0).optional(),
});
export type FaultCommand = z.infer<typeof FaultCommand>;

export interface Strike {
  readonly ms: number;
  readonly status: number;
  readonly retryAfterS: number;
}

/** The faults in force. Which occasion is struck depends on the seed only. */
export class FaultTable {
  readonly #random: Random;
  readonly #active = new Map<FaultName, { command: FaultCommand; struck: number }>();

  constructor(random: Random) {
    this.#random = random;
  }

  set(command: FaultCommand): void {
    if (command.share === 0) this.#active.delete(command.name);
    else this.#active.set(command.name, { command, struck: 0 });
  }

  clear(name?: FaultName): void {
    if (name) this.#active.delete(name);
    else this.#active.clear();
  }

  isActive(name: FaultName): boolean {
    return this.#active.has(name);
  }

  /** The settings of the fault when it is to happen now, else undefined. */
  strike(name: FaultName, mailboxId?: string): Strike | undefined {
    const active = this.#active.get(name);
    if (!active) return undefined;
    const { command } = active;
    if (command.mailboxId !== undefined && command.mailboxId !== mailboxId) return undefined;
    if (command.share < 1 && !this.#random.chance(command.share)) return undefined;
    active.struck += 1;
    if (command.times !== undefined && active.struck >= command.times) this.#active.delete(name);
    const defaults: Fault['settings'] = FAULTS[name].settings;
    return {
      ms: command.ms ?? defaults.ms ?? 0,
      status: command.status ?? defaults.status ?? 503,
      retryAfterS: command.retryAfterS ?? defaults.retryAfterS ?? 1,
    };
  }

  /** every fault there is, with its command and how often it struck where it is in force */
  list(): object[] {
    return Object.entries(FAULTS).map(([name, { about, settings }]) => {
      const active = this.#active.get(name as FaultName);
      return {
        name,
        about,
        settings,
        active: active ? { ...active.command, struck: active.struck } : null,
      };
    });
  }
}

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}
