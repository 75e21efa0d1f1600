import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';

import type { OpenFleet } from '../fleet/open-fleet.ts';
import type { Canary, Output } from './evidence.ts';
import { KEYS } from './raw-redis.ts';

/** Everything that the fleet wrote: what its processes said, and what Redis has on its disk. */
export function outputsOf({ processes, redis }: Pick<OpenFleet, 'processes' | 'redis'>): Output[] {
  const said = processes.map((app) => ({ name: app.name, text: app.output(), isRedis: false }));
  return [...said, ...filesBelow(redis.dir)];
}

/** Bytes as letters, one each: what is looked for is ASCII. */
function filesBelow(folder: string): Output[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({
      name: `redis ${name}`,
      text: readFileSync(join(parentPath, name), 'latin1'),
      isRedis: true,
    }));
}

/** The secrets of the run, those of the subscriptions among them, which are in Redis and nowhere else. */
export async function secretsOf(
  { secrets }: Pick<OpenFleet, 'secrets'>,
  redis: Redis,
): Promise<Canary[]> {
  const subscriptions = await redis.hvals(KEYS.subscriptions);
  return [
    ...secrets.map((text) => ({ what: 'a credential', text, everywhere: true })),
    ...subscriptions.map((json) => ({
      what: 'the secret of a subscription',
      text: (JSON.parse(json) as { clientState: string }).clientState,
      everywhere: false,
    })),
  ];
}
