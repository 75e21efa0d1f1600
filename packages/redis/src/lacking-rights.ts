import { ownerOf } from './owner-of.ts';
import type { Redis } from './redis.ts';
import { RedisStartError } from './redis-start-error.ts';
import { commandsOf, type RightsOf } from './rights.ts';

/** Redis does not let our user do what its role does. Its message names the right. */
class LackingRightError extends RedisStartError {
  readonly code = 'redis_lacking_right';

  constructor(role: RightsOf, user: string, right: string, cause: Error) {
    const gives = right.startsWith('~') ? 'gives user' : 'does not let user';
    const what = right.startsWith('~') ? 'not our keys' : `run ${right.slice(1).toUpperCase()}`;
    super(`Redis ${gives} ${user} ${what}: give ${role} ${right} (docs/redis.md)`, { cause });
    this.name = 'LackingRightError';
  }
}

/**
 * Proves that the user of a connection may do all that its role ever does. The commands are queued as a transaction and
 * discarded: Redis judges each as it is queued, and none runs.
 *
 * @throws {LackingRightError} for the first that it may not
 */
export async function refuseLackingRights(
  redis: Redis,
  { role, prefix }: { role: RightsOf; prefix: string },
): Promise<void> {
  const server = ownerOf(redis, prefix);
  const user = server.options.username ?? 'default';
  const commands = commandsOf(role, `${prefix}:readiness:probe`);
  // None at first: were there no transaction, they would run.
  for (const queued of [[], commands]) {
    const words = [['multi'], ...queued, ['discard']];
    const pipeline = server.pipeline();
    for (const [command = '', ...rest] of words) pipeline.call(command, ...rest);
    for (const [index, [error]] of ((await pipeline.exec()) ?? []).entries()) {
      if (!error?.message.startsWith('NOPERM')) continue;
      const isCommand = /\bcommand\b/.test(error.message);
      const right = isCommand ? `+${words[index]?.[0]}` : `~${prefix}*`;
      throw new LackingRightError(role, user, right, error);
    }
  }
}
