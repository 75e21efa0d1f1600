import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort, until } from '@ms1/testkit';

import { openWebhookDoor } from './webhook-door.ts';

let server: Server;
let port = 0;

beforeAll(async () => {
  server = createServer((req, res) => {
    if (req.headers['x-break'] === undefined) res.writeHead(202).end();
    else {
      res.writeHead(202, { 'content-length': '10' }).write('half');
      setImmediate(() => req.socket.resetAndDestroy());
    }
  });
  await once(server.listen({ host: '127.0.0.1', port: 0 }), 'listening');
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

const notification = JSON.stringify({ value: [{ resourceData: { id: 'AAMk' } }] });
const post = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body: notification, headers: { connection: 'close', ...headers } });

test('passes on to whoever is there, and keeps what was answered about which message', async () => {
  await using door = await openWebhookDoor([await freePort(), port]);
  for (let turn = 0; turn < 2; turn += 1) expect((await post(door.url)).status).toBe(202);
  expect(door.answers.map(({ status, messages }) => [status, messages])).toEqual([
    [202, ['AAMk']],
    [202, ['AAMk']],
  ]);
});

test('where nobody is there, or the answer breaks off, it was not taken', async () => {
  await using nobody = await openWebhookDoor([await freePort()]);
  expect((await post(nobody.url)).status).toBe(502);
  await using door = await openWebhookDoor([port]);
  await expect(
    post(door.url, { 'x-break': '1' }).then((answer) => answer.text()),
  ).rejects.toThrow();
  await until(() => door.answers.length > 0, { what: 'it is told' });
  expect([...nobody.answers, ...door.answers].map(({ status }) => status)).toEqual([0, 0]);
});
