import { type OutgoingHttpHeaders, request as plain } from 'node:http';
import { request as secure } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '@ms1/runtime';

export interface HttpQuestion {
  method?: 'GET' | 'POST';
  headers?: OutgoingHttpHeaders;
  body?: string;
  /** ms from connecting to the last byte */
  timeoutMs: number;
  /** of plain http, where credentials go along: refuses what is outside the network that is ours */
  lookup?: LookupFunction | undefined;
  /** PEM: a private CA, our certificate and its key */
  tls?: { ca?: string; cert?: string; key?: string };
  clock: Clock;
}

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** at most 64 KB */
  body: string;
  /** ms since the epoch: before it was sent, and when the head of the answer was there */
  sentAt: number;
  receivedAt: number;
}

const BODY_BYTES_MAX = 64 * 1024;

/**
 * One request on a connection of its own. A redirect is an answer like any other and is never
 * followed: whatever the headers carry goes to the address that was configured, and to no other.
 *
 * @throws the error of the connection, or one with code ETIMEDOUT
 */
export function askHttp(url: URL, question: HttpQuestion): Promise<HttpAnswer> {
  const { method = 'GET', headers = {}, body, timeoutMs, tls, lookup, clock } = question;
  return new Promise((resolve, reject) => {
    const late = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
    const sentAt = clock.now();
    const options = {
      method,
      agent: false as const,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { ...headers, 'content-length': Buffer.byteLength(body ?? '') },
    };
    const request =
      url.protocol === 'https:'
        ? secure(url, { ...options, ...tls })
        : plain(url, { ...options, ...(lookup && { lookup }) });
    const fail = (error: Error): void => {
      request.destroy();
      reject(error.name === 'AbortError' || error.name === 'TimeoutError' ? late : error);
    };
    request.once('error', fail);
    request.once('response', (response) => {
      const receivedAt = clock.now();
      const chunks: Buffer[] = [];
      let bytes = 0;
      const done = (): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
          sentAt,
          receivedAt,
        });
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes < BODY_BYTES_MAX) return;
        done();
        request.destroy();
      });
      response.once('end', done);
      response.once('error', fail);
    });
    request.end(body);
  });
}

/** The value of a header, the first when it is repeated. */
export function headerOf({ headers }: HttpAnswer, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
