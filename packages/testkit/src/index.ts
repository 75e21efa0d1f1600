export { aGraphMessage } from './a-graph-message.ts';
export { aLedgerEntry } from './a-ledger-entry.ts';
export { aMailbox } from './a-mailbox.ts';
export { aDelivery, aMessage, aMetadata, aRecord } from './a-message.ts';
export { createAuthority, selfSigned } from './certificates.ts';
export { everyKey, wholeRedis } from './every-key.ts';
export { type FaultLine, openFaultLine } from './fault-line.ts';
export { freePort } from './free-port.ts';
export { isGone } from './is-gone.ts';
export { openLoop, percentile, type Sent } from './open-loop.ts';
export { openRedis } from './open-redis.ts';
export { openServer } from './open-server.ts';
export { ownMachine } from './own-machine.ts';
export {
  ALLOWED_SENDERS,
  FORGED_SENDERS,
  GENUINE_SENDERS,
  type SenderShape,
} from './sender-shapes.ts';
export { mainOf, SIMULATOR_TOKEN, simulatedFleet } from './simulated-fleet.ts';
export { type SpawnedApp, spawnApp } from './spawn-app.ts';
export { startChromium } from './start-chromium.ts';
export { startCluster } from './start-cluster.ts';
export { CONSOLE_PASSWORD, CONSOLE_TOKEN, startConsole } from './start-console.ts';
export {
  type ReceivedSpan,
  startOtlpReceiver,
} from './start-otlp-receiver.ts';
export { type StartRedisOptions, startRedis, type TestRedis } from './start-redis.ts';
export { startSentinel } from './start-sentinel.ts';
export { startTlsRedis } from './start-tls-redis.ts';
export { startTokenEndpoint, type TokenAnswer } from './start-token-endpoint.ts';
export { createTlsFiles } from './tls-files.ts';
export { together } from './together.ts';
export { until } from './until.ts';
