import type { BatchSettings } from './batch-options.ts';

/** What a driver must know of the worker that uses it. */
export interface DriverContext {
  readonly settings: BatchSettings;
  readonly workerId: string;
  readonly workerName: string | undefined;
  readonly qualifiedName: string;
  readonly maxStalledCount: number;
  readonly lockDuration: number;
  readonly limiter: { readonly max: number; readonly duration: number } | undefined;
  /** spans per job are wanted, so every job takes BullMQ's own methods */
  readonly hasTelemetry: boolean;
}
