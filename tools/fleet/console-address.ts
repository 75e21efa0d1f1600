import { FleetError } from './fleet-error.ts';
import type { FleetOptions } from './parse-options.ts';
import type { Env, Target } from './target.ts';

const PORT_DEFAULT = 3_000;

export interface ConsoleAddress {
  host: string;
  port: number;
  /** where a browser on this machine finds it */
  url: string;
}

/** @throws {FleetError} when OPS_CONSOLE_PORT is not a port */
export function consoleAddress(env: Env): ConsoleAddress {
  const text = env['OPS_CONSOLE_PORT'] ?? String(PORT_DEFAULT);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    throw new FleetError(`OPS_CONSOLE_PORT must be a port from 1 to 65535, not "${text}"`);
  }
  const host = env['OPS_CONSOLE_HOST'] ?? '127.0.0.1';
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return { host, port, url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}` };
}

/** @throws {FleetError} when an option that only the simulated session has is given with real credentials */
export function refuseSessionOptions(target: Target, options: FleetOptions): void {
  const [first] = options.sessionOptions;
  if (target.kind === 'simulated' || first === undefined) return;
  throw new FleetError(
    `--${first} belongs to the simulated session, but credentials of real services are set: leave it out, or unset the credentials`,
  );
}
