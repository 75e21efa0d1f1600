import type { IRedisTransaction } from 'bullmq';

/** The Redis client as BullMQ hands it out, and the text of BullMQ's scripts as ioredis keeps it. */
export interface ScriptClient {
  readonly isCluster: boolean;
  readonly options: Record<string, unknown>;
  /** by `<script>:<BullMQ version>`; absent in clients other than ioredis */
  readonly scriptsSet?: Record<
    string,
    { readonly lua: string; readonly numberOfKeys: number } | undefined
  >;
  defineCommand(name: string, definition: { numberOfKeys: number; lua: string }): void;
  runCommand(name: string, args: unknown[]): Promise<unknown>;
}

/** Stands in for a transaction: `Job.addJob()` only calls `runCommand` on what it is given. */
export function recordingTransaction(
  record: (script: string, args: unknown[]) => void,
  answer: string,
): IRedisTransaction {
  return {
    runCommand: (name: string, args: unknown[]) => {
      record(name.slice(0, name.lastIndexOf(':')), args);
      return Promise.resolve(answer);
    },
  } as unknown as IRedisTransaction;
}
