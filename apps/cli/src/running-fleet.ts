import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

interface Running {
  url: string;
  token?: string;
  tokenFile?: string;
}

/**
 * The environment, and where it names no console, the one that a running `npm start` has left word of
 * (tools/fleet/console-record.ts). Its token goes to it alone: not to an address that the person named.
 *
 * @param dataDir the launcher's data folder
 */
export function orOfRunningFleet(env: Env, dataDir: string): Env {
  const running = read(join(dataDir, 'console.json'));
  const named = env['OPS_CONSOLE_URL'];
  if (!running || (named && placeOf(named) !== placeOf(running.url))) return env;
  const hasToken = env['OPS_CONSOLE_TOKEN'] || env['OPS_CONSOLE_TOKEN_FILE'];
  return {
    ...env,
    OPS_CONSOLE_URL: running.url,
    ...(hasToken
      ? {}
      : { OPS_CONSOLE_TOKEN: running.token, OPS_CONSOLE_TOKEN_FILE: running.tokenFile }),
  };
}

function read(file: string): Running | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Running;
  } catch {
    // None runs here, or it is somebody else's.
    return null;
  }
}

/** Scheme, host and port; this machine has several names. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, hostname, port } = new URL(url);
  const host = hostname === 'localhost' || hostname === '[::1]' ? '127.0.0.1' : hostname;
  return `${protocol}//${host}:${port}`;
}
