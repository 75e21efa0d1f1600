import { connect, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { openLoop, until } from '@ms1/testkit';

import { createJudgeSenders } from '../src/notifications/judge-senders.ts';
import { item, SUBSCRIPTION, startWebhook } from './webhook-bundle.ts';

const FLOOD_PER_SECOND = 500;
const HONEST_PER_SECOND = 50;
const SECONDS = 4;

const addressOf = (req: { headers: Record<string, unknown> }) =>
  String(req.headers['x-test-address']);

test('of a flood of forgeries nothing is taken, and what is shed of the honest beside it is shed with 503', async () => {
  await using bundle = await startWebhook({ perSecond: 250, addressOf });
  const load = (perSecond: number, address: string, clientState: string) =>
    openLoop({
      url: bundle.url,
      perSecond,
      requests: perSecond * SECONDS,
      headers: { 'x-test-address': address },
      bodyOf: (index) => JSON.stringify({ value: [item(`${address}${index}`, { clientState })] }),
    });
  const [honest, flood] = await Promise.all([
    load(HONEST_PER_SECOND, 'honest', SUBSCRIPTION.clientState),
    load(FLOOD_PER_SECOND, 'flood', 'forged'),
  ]);
  const taken = honest.filter(({ status }) => status === 202).length;
  const waiting = await bundle.waiting();
  expect(waiting.filter((id) => !id.startsWith('honest'))).toEqual([]);
  expect(taken).toBeGreaterThan(0);
  // Graph sends again what is shed: some may be taken although their answer came too late.
  expect(waiting.length).toBeGreaterThanOrEqual(taken);
  const answers = new Set([...honest, ...flood].map(({ status }) => status));
  expect([...answers].filter((status) => status !== 202 && status !== 503)).toEqual([]);
});

test('500 connections that drip keep no honest one from being answered, and are closed', async () => {
  await using bundle = await startWebhook();
  const sockets: Socket[] = [];
  let closed = 0;
  for (let index = 0; index < 500; index += 1) {
    const socket = connect({ port: bundle.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      closed += 1;
    });
    // Half of them drip headers, half a body.
    socket.write('POST /webhooks/graph HTTP/1.1\r\nHost: x\r\n');
    if (index % 2 === 0) socket.write('Content-Length: 1000\r\n\r\n');
    sockets.push(socket);
  }
  const drip = setInterval(() => {
    for (const [index, socket] of sockets.entries()) {
      if (socket.writable) socket.write(index % 2 === 0 ? 'x' : 'X: y\r\n');
    }
  }, 500);
  using _ = { [Symbol.dispose]: () => clearInterval(drip) };
  const honest = await openLoop({
    url: bundle.url,
    perSecond: 50,
    requests: 300,
    bodyOf: (index) => JSON.stringify({ value: [item(`m${index}`)] }),
  });
  expect(new Set(honest.map(({ status }) => status))).toEqual(new Set([202]));
  // They drip on, so that without a limit none would ever be closed.
  await until(() => closed === 500, { what: 'all are closed' });
});

describe('the time of a judgement', () => {
  test('says nothing about how much of a forged secret is right, nor whether the subscription exists', async () => {
    const record = { ...SUBSCRIPTION };
    const judge = createJudgeSenders({
      getMany: async (ids) => ids.map((id) => (id === record.subscriptionId ? record : null)),
    });
    const right = record.clientState;
    const candidates = {
      prefix: { subscriptionId: record.subscriptionId, clientState: `${right.slice(0, -1)}x` },
      nothing: { subscriptionId: record.subscriptionId, clientState: 'z'.repeat(right.length) },
      unknown: {
        subscriptionId: 'ffffffff-0073-42e5-a186-853da75fb308',
        clientState: 'z'.repeat(right.length),
      },
    };
    const names = Object.keys(candidates) as (keyof typeof candidates)[];
    const times: Record<string, number[]> = { prefix: [], nothing: [], unknown: [] };
    for (let round = 0; round < 12_000; round += 1) {
      // In another order each round, so that what one leaves behind helps none of them more.
      const name = names[(round + Math.floor(Math.random() * 3)) % 3] ?? 'prefix';
      const sender = candidates[name];
      const begun = process.hrtime.bigint();
      await judge([sender]);
      if (round >= 2_000) times[name]?.push(Number(process.hrtime.bigint() - begun));
    }
    expect(Math.abs(welch(times['prefix'] ?? [], times['nothing'] ?? []))).toBeLessThan(4.5);
    const [forged, unknown] = [times['nothing'] ?? [], times['unknown'] ?? []].map(median);
    // 5 us beside the 100 that a round trip on a local network varies by.
    expect(Math.abs((forged ?? 0) - (unknown ?? 0))).toBeLessThan(5_000);
    // The control: the same test finds a comparison that stops early.
    const early: Record<string, number[]> = { prefix: [], nothing: [] };
    const secret = 'a'.repeat(20_000);
    const equals = (given: string): boolean => {
      for (let at = 0; at < secret.length; at += 1) if (given[at] !== secret[at]) return false;
      return true;
    };
    for (let round = 0; round < 4_000; round += 1) {
      const name = Math.random() < 0.5 ? 'prefix' : 'nothing';
      const given = name === 'prefix' ? `${secret.slice(0, -1)}x` : 'z'.repeat(secret.length);
      const begun = process.hrtime.bigint();
      equals(given);
      early[name]?.push(Number(process.hrtime.bigint() - begun));
    }
    expect(Math.abs(welch(early['prefix'] ?? [], early['nothing'] ?? []))).toBeGreaterThan(4.5);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Welch's t of two samples, without their slowest tenth: what interrupts a process is not what is measured. */
function welch(first: readonly number[], second: readonly number[]): number {
  const [a, b] = [first, second].map((values) => {
    const kept = values.toSorted((x, y) => x - y).slice(0, Math.floor(values.length * 0.9));
    const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
    const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (kept.length - 1);
    return { mean, error: variance / kept.length };
  });
  if (!a || !b) throw new RangeError('two samples');
  return (a.mean - b.mean) / Math.sqrt(a.error + b.error);
}
