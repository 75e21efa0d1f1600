export { freePort } from './free-port.ts';
export { spawnApp, type SpawnAppOptions, type SpawnedApp } from './spawn-app.ts';
export { startRedis, type StartRedisOptions, type TestRedis } from './start-redis.ts';
export { until, type UntilOptions } from './until.ts';
