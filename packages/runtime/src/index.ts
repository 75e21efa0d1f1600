export { App } from './app.ts';
export type { Task } from './app-task.ts';
export { type Clock, systemClock } from './clock.ts';
export { endOfCertificate } from './end-of-certificate.ts';
export { FAILPOINTS, failpoint } from './failpoints.ts';
export { closeServer, listen } from './listen.ts';
export { ConfigError, configOrExit, loadConfig, secret } from './load-config.ts';
export { createLogger, type Logger } from './logger.ts';
export { isLoopback } from './loopback.ts';
export { moment } from './moment.ts';
export { Progress, type WaitingWork } from './progress.ts';
export { isOwn, requireSecureOrigin } from './require-secure-origin.ts';
export { senderAddress } from './sender-address.ts';
export { type HealthSource, serveHealth } from './serve-health.ts';
export {
  integer,
  processConfig,
  secureUrl,
  sharedConfig,
  trustedUrl,
  url,
} from './shared-config.ts';
export { type TrustedNetwork, trustConfig } from './trusted-network.ts';
export { VERSION } from './version.ts';
