import { type BackendFactory, getDefaultBackendFactory, RedisQueueBackend } from 'bullmq';

import type { ScriptClient } from './script-client.ts';

/** A command that a method of BullMQ was about to send. */
export interface CapturedCommand {
  readonly name: string;
  readonly args: readonly unknown[];
  /** hands the script's return value to the method, which goes on as if it had sent the command itself */
  readonly answer: (code: unknown) => void;
  readonly refuse: (error: Error) => void;
}

/**
 * BullMQ's Redis backend, with two additions: it tells its version and client, and it can be asked for a twin that
 * hands over the commands that it was about to send. Through the twin BullMQ's own methods (`job.moveToFailed` with its
 * backoff, stack traces, spans and error codes) run unchanged while their scripts join one run.
 */
export class ScriptBackend extends RedisQueueBackend {
  get bullmqVersion(): string {
    return this.version;
  }

  async scriptClient(): Promise<ScriptClient> {
    const client: unknown = await this.client;
    return client as ScriptClient;
  }

  capturing(onCommand: (command: CapturedCommand) => void): RedisQueueBackend {
    const twin = Object.create(this) as ScriptBackend;
    twin.execCommand = (_client, name, args: unknown[]) =>
      new Promise((resolve, reject) => onCommand({ name, args, answer: resolve, refuse: reject }));
    return twin;
  }
}

/** BullMQ decides how connections are made (shared, duplicated, blocking, Cluster); only the class on top is ours. */
export const scriptBackendFactory: BackendFactory<ScriptBackend> = (name, options, flags) => {
  const made = getDefaultBackendFactory<RedisQueueBackend>()(name, options, flags);
  if (!(made instanceof RedisQueueBackend)) {
    throw new TypeError('a BatchWorker needs the Redis backend of BullMQ');
  }
  // Its connections live on in the backend below; what it forwards itself has no listener and must not throw.
  made.on('error', () => undefined);
  const toKey = (type: string): string => made.toKey(type);
  return new ScriptBackend(
    made.connection,
    name,
    made.keys,
    toKey,
    options,
    made.blockingConnection,
  );
};
