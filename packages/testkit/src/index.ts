export { createAuthority, selfSigned, type TestCertificate } from './certificates.ts';
export { freePort } from './free-port.ts';
export { isGone } from './is-gone.ts';
export { type OpenLoopOptions, openLoop, percentile, type Sent } from './open-loop.ts';
export { type OwnMachine, ownMachine } from './own-machine.ts';
export { type SpawnAppOptions, type SpawnedApp, spawnApp } from './spawn-app.ts';
export { startChromium } from './start-chromium.ts';
export { type StartRedisOptions, startRedis, type TestRedis } from './start-redis.ts';
export {
  startTokenEndpoint,
  type TestTokenEndpoint,
  type TokenAnswer,
  type TokenPost,
} from './start-token-endpoint.ts';
export { type UntilOptions, until } from './until.ts';
