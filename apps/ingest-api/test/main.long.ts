import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { freePort, type SpawnedApp, spawnApp, startRedis, until } from '@ms1/testkit';

const ENTRY = fileURLToPath(new URL('../src/main.ts', import.meta.url));

async function setup({ redisUrl }: { redisUrl?: string } = {}) {
  await using stack = new AsyncDisposableStack();
  const url = redisUrl ?? stack.use(await startRedis()).url;
  const [port, health] = [await freePort(), await freePort()];
  const start = (env: Record<string, string> = {}): SpawnedApp =>
    opened.use(
      spawnApp({
        entry: ENTRY,
        env: {
          REDIS_URL: url,
          INGEST_API_HOST: '127.0.0.1',
          INGEST_API_PORT: String(port),
          HEALTH_PORT: String(health),
          ...env,
        },
      }),
    );
  const opened = stack.move();
  return {
    port,
    start,
    healthUrl: `http://127.0.0.1:${health}`,
    webhookUrl: `http://127.0.0.1:${port}/webhooks/graph`,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

describe('ingest-api', () => {
  test('starts, is ready, shakes hands, and ends with 0 on SIGTERM', async () => {
    await using bundle = await setup();
    const app = bundle.start();
    await app.ready(`${bundle.healthUrl}/readyz`);
    const answer = await fetch(`${bundle.webhookUrl}?validationToken=a%20b`, { method: 'POST' });
    expect([answer.status, await answer.text()]).toEqual([200, 'a b']);
    expect(await app.stop('SIGTERM')).toBe(0);
  });

  test('names every variable that is wrong and ends with 1', async () => {
    await using bundle = await setup({ redisUrl: 'http://nowhere' });
    const app = bundle.start({ INGEST_API_PORT: 'http', LOG_LEVEL: 'loud' });
    expect(await app.exited).toBe(1);
    for (const name of ['REDIS_URL', 'INGEST_API_PORT', 'LOG_LEVEL']) {
      expect(app.output()).toContain(`config: ${name}`);
    }
  });

  test('says in one sentence that Redis is down and ends with 1', async () => {
    const port = await freePort();
    await using bundle = await setup({ redisUrl: `redis://127.0.0.1:${port}` });
    const app = bundle.start();
    expect(await app.exited).toBe(1);
    expect(app.output()).toMatch(new RegExp(`cannot start: .*127.0.0.1:${port}`));
    // A fleet may start together with its Redis: it is given 5 s.
  });

  test('says in one sentence that its port is taken and ends with 1', async () => {
    await using bundle = await setup();
    const other = createServer().listen(bundle.port, '127.0.0.1');
    await until(() => other.listening, { what: 'the other program listens' });
    const app = bundle.start();
    expect(await app.exited).toBe(1);
    expect(app.output()).toContain(`port ${bundle.port} (INGEST_API_PORT) is already in use`);
    other.close();
  });
});
