export { App, type AppOptions } from './app.ts';
export type { Task } from './app-task.ts';
export { type Clock, systemClock } from './clock.ts';
export { DeadlineError, withDeadline } from './deadline.ts';
export { closeServer, type ListenOptions, listen, PortInUseError } from './listen.ts';
export { ConfigError, configOrExit, loadConfig, secret } from './load-config.ts';
export { createLogger, type Logger } from './logger.ts';
export { type HealthServer, type HealthSource, serveHealth } from './serve-health.ts';
export { integer, sharedConfig, url } from './shared-config.ts';
