import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';

import { describe, expect, test } from '@jest/globals';
import { aRecord, selfSigned } from '@ms1/testkit';

import { encodeBatch, encodeItem } from '../src/index.ts';
import { certificateAuth } from '../src/ms4-auth.ts';
import { openClient } from './open-client.ts';

const SERVER = selfSigned('ms4');
const SENDER = selfSigned('sender');

/** An MS4 that talks only to whom it knows by certificate. */
async function setup(tls: { ca?: string; cert?: string; key?: string }, host = '127.0.0.1') {
  const seen: string[] = [];
  const batch = encodeBatch([encodeItem(aRecord(1))]);
  const server = createServer(
    { ...SERVER, requestCert: true, rejectUnauthorized: true, ca: SENDER.cert },
    (req, res) => {
      seen.push(String((req.socket as TLSSocket).getPeerCertificate().subject.CN));
      const results = batch.items.map(({ id }) => ({ id, status: 'stored' }));
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ batchId: batch.batchId, results }));
    },
  );
  const opened = await openClient({ server, scheme: 'https', host, tls, auth: certificateAuth });
  return { ...opened, send: () => opened.client.storeBatch(batch), seen };
}

describe('mutual TLS', () => {
  test('MS4 knows us by our certificate, we know it by its CA', async () => {
    await using ms4 = await setup({ ca: SERVER.cert, ...SENDER });
    expect([...(await ms4.send()).values()]).toEqual([{ status: 'stored' }]);
    expect(ms4.seen).toEqual(['sender']);
  });

  test.each([
    ['without our certificate', { ca: SERVER.cert }],
    ['with a certificate of somebody else', { ca: SERVER.cert, ...selfSigned('stranger') }],
    ['from an MS4 that we do not know', { ...SENDER }],
  ])('control: %s nothing is sent', async (_, tls) => {
    await using ms4 = await setup(tls);
    await expect(ms4.send()).rejects.toMatchObject({ code: 'ms4_unavailable' });
    expect(ms4.seen).toEqual([]);
  });

  test('control: to an MS4 whose certificate is trusted, and of another name, nothing is sent', async () => {
    await using ms4 = await setup({ ca: SERVER.cert, ...SENDER }, 'localhost');
    await expect(ms4.send()).rejects.toMatchObject({ code: 'ms4_unavailable' });
    expect(ms4.seen).toEqual([]);
  });
});
