export type { Redis } from 'ioredis';
export { closeRedis } from './close-redis.ts';
export { connectRedis, type RedisRole } from './connect-redis.ts';
export { defineScript } from './define-script.ts';
export { Keeper, type KeeperOptions } from './keeper.ts';
export { createRedisCheck } from './redis-check.ts';
export { type RedisServerFacts, readServerFacts } from './redis-server-facts.ts';
export { RedisUnavailableError } from './redis-unavailable-error.ts';
export { storeKey } from './store-key.ts';
