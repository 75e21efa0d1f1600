import { describe, expect, test } from '@jest/globals';

import { serveHealth } from './serve-health.ts';

async function setup() {
  const source = {
    alive: true,
    reasons: {} as Record<string, string>,
    unready: async () => source.reasons,
  };
  const server = await serveHealth(source, { host: '127.0.0.1', port: 0 });
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return { status: response.status, body: await response.text() };
  };
  return { source, server, get, [Symbol.asyncDispose]: () => server.close() };
}

describe('serveHealth', () => {
  test('answers 503 on /readyz with what is not ready, and 200 once it is', async () => {
    await using bundle = await setup();
    bundle.source.reasons = { redis: 'does not answer' };
    expect(await bundle.get('/readyz')).toEqual({
      status: 503,
      body: '{"status":"not ready","unready":{"redis":"does not answer"}}',
    });
    bundle.source.reasons = {};
    expect((await bundle.get('/readyz')).status).toBe(200);
  });

  test('answers 503 on /healthz only when the process is failing, not when it is merely not ready', async () => {
    await using bundle = await setup();
    bundle.source.reasons = { redis: 'does not answer' };
    expect((await bundle.get('/healthz')).status).toBe(200);
    bundle.source.alive = false;
    expect((await bundle.get('/healthz')).status).toBe(503);
  });

  test('shows metrics, and nothing else', async () => {
    await using bundle = await setup();
    expect((await bundle.get('/metrics')).status).toBe(200);
    expect((await bundle.get('/etc/passwd')).status).toBe(404);
  });

  test('names the variable of a port that is taken', async () => {
    await using bundle = await setup();
    const second = serveHealth(bundle.source, { host: '127.0.0.1', port: bundle.server.port });
    await expect(second).rejects.toThrow(
      `port ${bundle.server.port} (HEALTH_PORT) is already in use`,
    );
  });
});
