import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { aRecord, freePort, type SpawnedApp, spawnApp, until } from '@ms1/testkit';

import { TOKEN } from './start-simulator.ts';

const entry = fileURLToPath(new URL('../src/main.ts', import.meta.url));

async function setup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'ms1-simulator-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const apps: SpawnedApp[] = [];
  const env = {
    SIMULATOR_PORT: String(port),
    SIMULATOR_TOKEN: TOKEN,
    SIMULATOR_DATA_DIR: dataDir,
    SIMULATOR_MS4_LATENCY_MS: '0',
  };
  const start = async (more: Record<string, string> = {}): Promise<SpawnedApp> => {
    const app = spawnApp({ entry, env: { ...env, ...more } });
    apps.push(app);
    await app.ready(`${url}/readyz`);
    return app;
  };
  const call = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    });
    return JSON.parse(await response.text());
  };
  const lines = async (name: string) => {
    const text = await readFile(join(dataDir, name), 'utf8');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  };
  return {
    url,
    start,
    call,
    lines,
    async [Symbol.asyncDispose]() {
      for (const app of apps) await app.stop('SIGKILL');
      await rm(dataDir, { recursive: true });
    },
  };
}

describe('the process', () => {
  test('answers its probes, and ends with 0 on SIGTERM though clients keep connections', async () => {
    await using bundle = await setup();
    const app = await bundle.start();
    expect((await fetch(`${bundle.url}/healthz`)).status).toBe(200);
    expect((await bundle.call('/control/status')).mailboxes).toHaveLength(20);
    await bundle.call('/control/inject', { messages: 100_000 });
    expect(await app.stop('SIGTERM')).toBe(0);
  });
});

describe('killed with -9', () => {
  test('in the middle of a plan: the same plan again completes it, each message once', async () => {
    await using bundle = await setup();
    const plan = { messages: 3_000, announced: 0, perSecond: 6_000 };
    for (const atLeast of [200, 1_200]) {
      const app = await bundle.start();
      await bundle.call('/control/inject', plan);
      await until(async () => (await bundle.call('/control/inject')).injected >= atLeast, {
        what: 'some injected',
      });
      await app.stop('SIGKILL');
    }
    await bundle.start();
    await bundle.call('/control/inject', plan);
    const done = await until(
      async () => {
        const progress = await bundle.call('/control/inject');
        return progress.done && progress;
      },
      { what: 'the plan is done' },
    );
    expect(done).toMatchObject({ planned: 3_000, injected: 3_000 });
    const injected = await bundle.lines('injected.jsonl');
    expect(injected.map((line) => line.index).toSorted((a, b) => a - b)).toEqual(
      injected.map((_, n) => n),
    );
    expect(new Set(injected.map((line) => line.messageId)).size).toBe(3_000);
    expect((await bundle.call('/control/status')).injected).toBe(3_000);
  });

  test('right after a verdict: what was stored is still stored', async () => {
    await using bundle = await setup();
    for (let round = 0; round < 2; round += 1) {
      const app = await bundle.start();
      const send = (n: number) =>
        bundle.call(
          '/v1/batches',
          { batchId: `b${n}`, items: [aRecord(n)] },
          {
            'idempotency-key': `b${n}`,
          },
        );
      const answers = await Promise.all([0, 1, 2].map((n) => send(round * 3 + n)));
      await app.stop('SIGKILL');
      for (const { results } of answers) expect(results[0].status).toBe('stored');
      expect(await bundle.lines('stored.jsonl')).toHaveLength((round + 1) * 3);
    }
  });
});
