import { type BackendFactory, getDefaultBackendFactory, RedisQueueBackend } from 'bullmq';

import type { ScriptClient } from './script-client.ts';

const LIMIT = 'ms1BatchLimit';
/**
 * KEYS  limiter     ARGV  what BullMQ sets it to, ms
 *
 * Less than that value is a count of started jobs, which a limit takes the place of.
 */
const LIMIT_LUA = `
local ms = tonumber(ARGV[2])
if tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then
  ms = math.max(ms, redis.call('PTTL', KEYS[1]))
end
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ms)
`;

/** A command that a method of BullMQ was about to send. */
export interface CapturedCommand {
  readonly name: string;
  readonly args: readonly unknown[];
  /** hands the script's return value to the method, which goes on as if it had sent the command itself */
  readonly answer: (code: unknown) => void;
  readonly refuse: (error: Error) => void;
}

/**
 * BullMQ's Redis backend, with three additions: a rate limit never shortens a longer one, of whichever worker; it tells
 * its version and client; and it can be asked for a twin that hands over the commands that it was about to send. Through
 * the twin BullMQ's own methods (`job.moveToFailed` with its backoff, stack traces, spans and error codes) run unchanged
 * while their scripts join one run.
 */
export class ScriptBackend extends RedisQueueBackend {
  get bullmqVersion(): string {
    return this.version;
  }

  async scriptClient(): Promise<ScriptClient> {
    const client: unknown = await this.client;
    return client as ScriptClient;
  }

  override async setRateLimit(ms: number): Promise<void> {
    const client = await this.scriptClient();
    client.defineCommand(LIMIT, { numberOfKeys: 1, lua: LIMIT_LUA });
    const { limiter } = this.keys;
    await client.runCommand(LIMIT, [limiter, Number.MAX_SAFE_INTEGER, Math.ceil(ms)]);
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
