import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { describe, expect, test } from '@jest/globals';

import { decodeBody } from './decode-body.ts';

const TEXT = Buffer.from('{"a":1}'.repeat(20));

describe('decodeBody', () => {
  test.each<[string | undefined, Buffer]>([
    ['gzip', gzipSync(TEXT)],
    ['GZIP', gzipSync(TEXT)],
    ['x-gzip', gzipSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['zstd', zstdCompressSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['deflate', deflateRawSync(TEXT)],
    ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
    [' identity ,gzip', gzipSync(TEXT)],
    ['identity', TEXT],
    [undefined, TEXT],
    // a proxy undid it and left the header
    ['gzip', TEXT],
    ['br', TEXT],
    ['a-coding-of-tomorrow', TEXT],
  ])('undoes %j', async (coding, body) => {
    expect(await decodeBody(body, coding, 1_000)).toEqual(TEXT);
  });

  test('leaves what is cut off as it came', async () => {
    const cut = gzipSync(TEXT).subarray(0, 20);
    expect(await decodeBody(cut, 'gzip', 1_000)).toEqual(cut);
    expect(await decodeBody(Buffer.alloc(0), 'gzip', 1_000)).toHaveLength(0);
  });

  test.each<[string, Buffer]>([
    ['gzip', gzipSync(Buffer.alloc(5_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(5_000_000))],
    ['zstd', zstdCompressSync(Buffer.alloc(5_000_000))],
    ['deflate', deflateRawSync(Buffer.alloc(5_000_000))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(5_000_000)))],
  ])('unpacks no more of a bomb in %s than is allowed', async (coding, bomb) => {
    await expect(decodeBody(bomb, coding, 10_000)).rejects.toMatchObject({
      code: 'ERR_BUFFER_TOO_LARGE',
    });
  });

  test('does not follow a list of codings without end', async () => {
    const body = gzipSync(TEXT);
    expect(await decodeBody(body, Array(100).fill('gzip').join(), 1_000)).toEqual(body);
  });
});
