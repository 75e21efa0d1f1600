import type { Redis } from './redis.ts';

type ScriptRunner = (
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
) => Promise<unknown>;

/**
 * Registers a Lua script on a connection and answers with a function that runs it. ioredis sends its
 * hash and, when the server does not know it (after a restart), its text. One script is one atomic step.
 */
export function defineScript(redis: Redis, name: string, lua: string): ScriptRunner {
  redis.defineCommand(name, { lua });
  const commands = redis as unknown as Record<
    string,
    (...args: (string | number | Buffer)[]) => Promise<unknown>
  >;
  return (keys, args) => {
    const command = commands[name];
    if (!command) throw new Error(`script ${name} is not defined on this connection`);
    // defineCommand puts a plain method on the connection, which needs its `this`.
    return command.call(redis, keys.length, ...keys, ...args);
  };
}
