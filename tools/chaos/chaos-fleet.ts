import type { FaultLine } from '@ms1/testkit';
import type { Redis } from 'ioredis';

import type { DoorAnswer } from './fleet/webhook-door.ts';

/** The roles of a fleet; a chaos run has two processes of each. */
export type Role = 'ingest-api' | 'poller' | 'processor' | 'ms4-sender' | 'ops-console';

/** One process of the fleet. Whatever ends it, it is started again a second later, as a container engine does. */
export interface ChaosProcess {
  readonly role: Role;
  /** `processor-1` */
  readonly name: string;
  /** of the one that runs now */
  readonly pid: number;
  /** how often it was started again */
  readonly restarts: number;
  /** base URL of its health server */
  readonly health: string;
  /** everything that it and those before it wrote */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** ends it (SIGTERM) and waits for its exit code; it is started again */
  restart(): Promise<number | NodeJS.Signals>;
  /** so that the next start is with these as well; null takes a variable away */
  environment(changes: Readonly<Record<string, string | null>>): void;
  /** so that the next start is of another checkout; null: of this one */
  release(root: string | null): void;
}

/** The Redis of the run: a real redis-server with AOF. */
export interface ChaosRedis {
  /** straight to the server, past the line */
  readonly admin: Redis;
  readonly dir: string;
  readonly pid: number;
  /** SIGKILL */
  kill(): Promise<void>;
  /** with its data as it lies on the disk; flags for this start only */
  start(flags?: Readonly<Record<string, string>>): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

export interface ChaosFleet {
  readonly processes: readonly ChaosProcess[];
  of(role: Role): readonly ChaosProcess[];
  readonly redis: ChaosRedis;
  readonly lines: Readonly<Record<'redis' | 'graph' | 'ms4', FaultLine>>;
  readonly mailboxes: readonly string[];
  /** base URL of the webhook of one ingest-api */
  readonly webhook: string;
  /** through which Graph's notifications come to both, and what they were answered */
  readonly door: { readonly answers: readonly DoorAnswer[] };
  /** the simulator's control API */
  control<T>(path: string, body?: object): Promise<T>;
  fault(name: string, settings?: object): Promise<void>;
  clearFaults(): Promise<void>;
  /** records that MS4 has stored, by its own witness file */
  stored(): number;
}
