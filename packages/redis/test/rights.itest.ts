import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { refuseLackingRights } from '../src/lacking-rights.ts';
import { aclOf, commandsOf, type RightsOf } from '../src/rights.ts';

const ROLES: RightsOf[] = ['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'];
const PREFIX = '{ms1}';

/** A server with a user for a role, and what is wrong with its rights. */
async function setup(role: RightsOf) {
  await using stack = new AsyncDisposableStack();
  const { server, redis: admin } = stack.use(await openRedis());
  const set = (...rules: string[]) => admin.call('ACL', 'SETUSER', role, ...rules);
  await set('on', '>pw', ...aclOf(role, PREFIX).split(' '));
  const redis = stack.adopt(
    new Redis(server.url, { username: role, password: 'pw', enableReadyCheck: false }),
    (one) => one.disconnect(),
  );
  const lacking = (prefix = PREFIX) =>
    refuseLackingRights(redis, { role, prefix }).then(
      () => null,
      (error: Error) => error.message,
    );
  const opened = stack.move();
  return { admin, set, lacking, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe.each(ROLES)('the user of %s', (role) => {
  test('may do all with the line of docs/redis.md, and nothing is done by looking', async () => {
    await using bundle = await setup(role);
    expect(await bundle.lacking()).toBeNull();
    expect(await bundle.admin.dbsize()).toBe(0);
    const page = readFileSync(new URL('../../../docs/redis.md', import.meta.url), 'utf8');
    // Its lines are broken as a shell takes them.
    expect(page.replaceAll(/ \\\n +/g, ' ')).toContain(
      `${role} on ><password> ${aclOf(role, PREFIX)}\n`,
    );
  });

  test('may use a shard once it is given the keys of shards', async () => {
    await using bundle = await setup(role);
    expect(await bundle.lacking('{ms1:2}')).toBe(
      `Redis gives user ${role} not our keys: give ${role} ~{ms1:2}* (docs/redis.md)`,
    );
    await bundle.set('~{ms1:*');
    expect(await bundle.lacking('{ms1:2}')).toBeNull();
  });

  test('lacks each right that is taken away, and the sentence names it', async () => {
    await using bundle = await setup(role);
    for (const [command = ''] of [...commandsOf(role, ''), ['multi'], ['discard']]) {
      await bundle.set(`-${command}`);
      expect(await bundle.lacking()).toBe(
        `Redis does not let user ${role} run ${command.toUpperCase()}: give ${role} +${command} (docs/redis.md)`,
      );
      await bundle.set(`+${command}`);
    }
    await bundle.set('resetkeys', '~{other}*');
    expect(await bundle.lacking()).toBe(
      `Redis gives user ${role} not our keys: give ${role} ~{ms1}* (docs/redis.md)`,
    );
  });
});
