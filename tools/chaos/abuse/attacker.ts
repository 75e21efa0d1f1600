/** The thread of `attack`: does one kind of abuse to a webhook for a while, and tells what came of it. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

import type { AttackPlan } from './attack.ts';
import { BODIES, forged, giantHeaders, post } from './hostile-requests.ts';

const { kind, port, path, lastsMs } = workerData as AttackPlan;
const SLOW_CONNECTIONS = 400;
const STORM_CONNECTIONS = 32;
const STORM_PER_SECOND = 1_500;
const BODIES_PER_SECOND = 8;
const HEADERS_PER_SECOND = 20;

const answers: Record<string, number> = {};
let sent = 0;
let closed = 0;
let slowestMs = 0;
const endsAt = performance.now() + lastsMs;
const isOver = (): boolean => performance.now() > endsAt;

switch (kind) {
  case 'slowloris':
    await slowloris();
    break;
  case 'headers':
    await alone(HEADERS_PER_SECOND, (n) => giantHeaders(path, n));
    break;
  case 'bodies':
    await alone(BODIES_PER_SECOND, (n) => BODIES[n % BODIES.length]?.(path) ?? '');
    break;
  case 'storm':
    await storm();
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
parentPort?.postMessage({ sent, closed, answers, slowestMs });

function open(): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => count(bytes));
  socket.on('close', () => {
    if (!isOver()) closed += 1;
  });
  return socket;
}

function count(bytes: Buffer): void {
  for (const [, status = ''] of bytes.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
    answers[status] = (answers[status] ?? 0) + 1;
  }
}

/** Connections that send a byte every half second, half of them of their headers, half of a body; one that is closed is opened anew. */
async function slowloris(): Promise<void> {
  const begin = (index: number): Socket => {
    const socket = open();
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n`);
    if (index % 2 === 0) socket.write('Content-Length: 1000\r\n\r\n');
    sent += 1;
    return socket;
  };
  const sockets = Array.from({ length: SLOW_CONNECTIONS }, (_, index) => begin(index));
  while (!isOver()) {
    await delay(500);
    for (const [index, socket] of sockets.entries()) {
      if (socket.writable) socket.write(index % 2 === 0 ? 'x' : `X-${sent}: y\r\n`);
      else sockets[index] = begin(index);
    }
  }
  for (const socket of sockets) socket.destroy();
}

/** A request a connection, so many a second. */
async function alone(perSecond: number, requestOf: (n: number) => string | Buffer): Promise<void> {
  while (!isOver()) {
    const socket = open();
    const began = performance.now();
    socket.once('close', () => {
      slowestMs = Math.max(slowestMs, Math.round(performance.now() - began));
    });
    socket.setTimeout(15_000, () => socket.destroy());
    socket.write(requestOf(sent));
    sent += 1;
    await delay(1_000 / perSecond);
  }
}

/** Forged notifications over kept connections, at a pace that no answer slows down. */
async function storm(): Promise<void> {
  const sockets = Array.from({ length: STORM_CONNECTIONS }, open);
  const began = performance.now();
  while (!isOver()) {
    const due = ((performance.now() - began) / 1_000) * STORM_PER_SECOND;
    for (; sent < due; sent += 1) {
      const index = sent % sockets.length;
      if (!sockets[index]?.writable) sockets[index] = open();
      sockets[index]?.write(post(path, forged(`storm-${sent}`)));
    }
    await delay(5);
  }
  for (const socket of sockets) socket.destroy();
}
