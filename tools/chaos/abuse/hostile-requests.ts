import { gzipSync } from 'node:zlib';

/** A notification as Graph sends it, of a subscription that nobody has. */
export const forged = (messageId: string, fields: object = {}): object => ({
  value: [
    {
      subscriptionId: 'ffffffff-0073-42e5-a186-853da75fb308',
      clientState: 'forged',
      changeType: 'created',
      resource: 'Users/other/Messages/other',
      resourceData: { '@odata.type': '#Microsoft.Graph.Message', id: messageId },
      tenantId: '99999999-9999-4999-8999-999999999999',
      ...fields,
    },
  ],
});

export function post(path: string, body: object | string | Buffer, headers = ''): Buffer {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: x',
    'Content-Type: application/json',
    `${headers}Content-Length: ${bytes.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]);
}

const CLOSE = 'Connection: close\r\n';
const ITEMS = 400;

/** By turns: what makes a parser, a memory or a stack run out, or a prototype change. */
export const BODIES: readonly ((path: string) => Buffer)[] = [
  (path) => post(path, 'x'.repeat(256 * 1024 + 1), CLOSE),
  (path) => post(path, '['.repeat(200_000), CLOSE),
  (path) => post(path, `${'['.repeat(100_000)}${']'.repeat(100_000)}`, CLOSE),
  (path) => post(path, `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`, CLOSE),
  (path) => post(path, { value: Array.from({ length: ITEMS }, () => forged('x')) }, CLOSE),
  (path) => post(path, '{"value":[{"__proto__":{"polluted":1},"constructor":{}}]}', CLOSE),
  (path) => post(path, gzipSync(Buffer.alloc(10_000_000)), `${CLOSE}Content-Encoding: gzip\r\n`),
  (path) => post(path, Buffer.from([0xff, 0xfe, 0x00, 0xd8]), CLOSE),
  (path) => post(path, `{"value":${'9'.repeat(100_000)}}`, CLOSE),
];

/** By turns: one that is enormous, thousands of small ones. */
export function giantHeaders(path: string, n: number): string {
  const start = `POST ${path} HTTP/1.1\r\nHost: x\r\n`;
  if (n % 2 === 0) return `${start}X-Large: ${'x'.repeat(1_000_000)}\r\n\r\n`;
  const many = Array.from({ length: 20_000 }, (_, index) => `X-${index}: y\r\n`).join('');
  return `${start}${many}\r\n`;
}
