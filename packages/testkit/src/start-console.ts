import { freePort } from './free-port.ts';
import { mainOf, type RunningApp } from './simulated-fleet.ts';
import { spawnApp } from './spawn-app.ts';

/** What lets a test in, as an admin and as whoever logs in. */
export const CONSOLE_TOKEN = 'token-of-sixteen-or-more';
export const CONSOLE_PASSWORD = 'correct horse';

/** The console over a Redis, as a process that is ready. */
export async function startConsole(
  redisUrl: string,
  env: Record<string, string> = {},
): Promise<RunningApp & { url: string }> {
  const [port, healthPort] = [env['OPS_CONSOLE_PORT'] ?? (await freePort()), await freePort()];
  const app = spawnApp({
    entry: mainOf('ops-console'),
    env: {
      REDIS_URL: redisUrl,
      HEALTH_PORT: String(healthPort),
      OPS_CONSOLE_PORT: String(port),
      OPS_CONSOLE_PASSWORD: CONSOLE_PASSWORD,
      OPS_CONSOLE_TOKEN: CONSOLE_TOKEN,
      GRAPH_TENANT_ID: '22222222-2222-4222-8222-222222222222',
      MAILBOXES: '11111111-1111-4111-8111-111111111111',
      ...env,
    },
  });
  const health = `http://127.0.0.1:${healthPort}`;
  await app.ready(`${health}/readyz`);
  return { ...app, health, url: `http://127.0.0.1:${port}` };
}
