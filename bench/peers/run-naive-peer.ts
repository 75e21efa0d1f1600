import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, spawnApp, startRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { callJson } from '../../tools/fleet/call-json.ts';
import { SimulatorClient } from '../../tools/fleet/simulator-client.ts';
import { type RedisUsage, readUsage, usageBetween } from '../redis-usage.ts';
import { processUsage } from '../session/process-usage.ts';
import type { Progress } from '../sustained-rate.ts';

export interface NaiveCost {
  readonly messages: number;
  readonly seconds: number;
  readonly progress: Progress;
  readonly redis: RedisUsage;
  /** of its processes together, without Redis and the simulator */
  readonly cpuSeconds: number;
  readonly graph: { readonly httpRequests: number; readonly quotaUnits: number };
  readonly ms4Requests: number;
}

export interface NaiveLoad {
  readonly messages: number;
  readonly mailboxes: number;
  readonly latencyMs: number;
}

const entry = fileURLToPath(new URL('./naive-peer.ts', import.meta.url));
const simulatorEntry = fileURLToPath(new URL('../../apps/simulator/src/main.ts', import.meta.url));
const TOKEN = 'token-of-a-benchmark';
const STUCK_MS = 60_000;
const DAY_MS = 24 * 3_600_000;

/** The naive peer against a simulator of its own, every message announced: it has no other way to find one. */
export async function runNaivePeer(load: NaiveLoad): Promise<NaiveCost> {
  const folder = await mkdtemp(join(tmpdir(), 'ms1-peer-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await using app = spawnApp({
    entry: simulatorEntry,
    env: {
      SIMULATOR_PORT: String(port),
      SIMULATOR_TOKEN: TOKEN,
      SIMULATOR_DATA_DIR: folder,
      SIMULATOR_MAILBOXES: String(load.mailboxes),
      SIMULATOR_GRAPH_LATENCY_MS: String(load.latencyMs),
      SIMULATOR_MS4_LATENCY_MS: String(load.latencyMs),
    },
  });
  await app.ready(`${url}/readyz`);
  await using server = await startRedis({ flags: { appendonly: 'yes', appendfsync: 'everysec' } });
  const redis = new Redis(server.url);
  const peers = ['webhook', 'worker'].map((role) =>
    fork(entry, [role, server.url, url], { env: { ...process.env, PEER_TOKEN: TOKEN } }),
  );
  try {
    const [[webhookPort]] = (await Promise.all(peers.map((peer) => once(peer, 'message')))) as [
      [number],
    ];
    const simulator = new SimulatorClient(url, TOKEN);
    const { mailboxes } = await simulator.status();
    const subscriptions = await Promise.all(
      mailboxes.map(async ({ id }) => [await subscribe(url, id, webhookPort), id]),
    );
    peers[0]?.send(subscriptions);
    return await measure(simulator, redis, peers, load);
  } finally {
    for (const peer of peers) peer.kill('SIGKILL');
    redis.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
}

async function subscribe(url: string, mailboxId: string, port: number): Promise<string> {
  const { id } = await callJson<{ id: string }>(`${url}/v1.0/subscriptions`, {
    method: 'POST',
    token: TOKEN,
    body: {
      changeType: 'created',
      notificationUrl: `http://127.0.0.1:${port}/`,
      resource: `users/${mailboxId}/mailFolders('inbox')/messages`,
      expirationDateTime: new Date(Date.now() + DAY_MS).toISOString(),
    },
  });
  return id;
}

async function measure(
  simulator: SimulatorClient,
  redis: Redis,
  peers: readonly ChildProcess[],
  { messages, mailboxes }: NaiveLoad,
): Promise<NaiveCost> {
  const cpuSeconds = (): number =>
    peers.reduce((sum, { pid }) => sum + processUsage(pid ?? 0).cpuSeconds, 0);
  const [before, cpu, used] = [await simulator.status(), cpuSeconds(), await readUsage(redis)];
  const begun = performance.now();
  await simulator.inject({ messages, mailboxes, seed: 1, announced: 1, perSecond: 20_000 });
  const progress: [number, number][] = [];
  let last = before;
  let movedAt = begun;
  while (last.stored < messages) {
    await delay(50);
    const status = await simulator.status();
    const now = performance.now();
    if (status.stored > last.stored) {
      movedAt = now;
      progress.push([(now - begun) / 1_000, status.stored]);
    }
    if (now - movedAt > STUCK_MS) throw new Error(`the peer is stuck at ${status.stored}`);
    last = status;
  }
  return {
    messages,
    seconds: (movedAt - begun) / 1_000,
    progress,
    redis: usageBetween(used, await readUsage(redis)),
    cpuSeconds: cpuSeconds() - cpu,
    graph: {
      httpRequests: last.graph.httpRequests - before.graph.httpRequests,
      quotaUnits: last.graph.quotaUnits - before.graph.quotaUnits,
    },
    ms4Requests: last.ms4.requests - before.ms4.requests,
  };
}
