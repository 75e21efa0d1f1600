import { promisify } from 'node:util';
import {
  brotliDecompress,
  gunzip,
  inflate,
  inflateRaw,
  type ZlibOptions,
  zstdDecompress,
} from 'node:zlib';

type Decoder = (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>;

const unzip = promisify(gunzip) as Decoder;
const inflateZlib = promisify(inflate) as Decoder;
const inflateBare = promisify(inflateRaw) as Decoder;

const DECODERS: Record<string, Decoder> = {
  gzip: unzip,
  'x-gzip': unzip,
  br: promisify(brotliDecompress) as Decoder,
  zstd: promisify(zstdDecompress) as Decoder,
  // With a zlib wrapper by RFC 9110; some servers leave it away.
  deflate: (bytes, options) =>
    inflateZlib(bytes, options).catch((error: unknown) =>
      isTooLarge(error) ? Promise.reject(error) : inflateBare(bytes, options),
    ),
};

/** What is undone below and compresses JSON best for its time. Without it a server may choose any (RFC 9110, 12.5.3). */
export const ACCEPTED_CODINGS = 'gzip, br';

/** One is usual; a list of hundreds would be unpacked for as long as its sender likes. */
const CODINGS_MAX = 5;

/**
 * The body without its content codings, those that were not asked for included. A body that is not in
 * the coding it claims stays as it came: a proxy may have undone it already, and whoever reads it judges.
 *
 * @param coding Content-Encoding, in the order the codings were applied
 * @param bytesMax of the result, and of each step to it: a small body may unpack to gigabytes
 * @throws zlib's ERR_BUFFER_TOO_LARGE when it would be larger
 */
export async function decodeBody(
  body: Buffer,
  coding: string | undefined,
  bytesMax: number,
): Promise<Buffer> {
  const steps = (coding ?? '').toLowerCase().split(',').toReversed();
  if (steps.length > CODINGS_MAX) return body;
  let bytes = body;
  for (const step of steps) {
    const decode = DECODERS[step.trim()];
    if (!decode || bytes.length === 0) continue;
    try {
      bytes = await decode(bytes, { maxOutputLength: bytesMax });
    } catch (error) {
      if (isTooLarge(error)) throw error;
      return body;
    }
  }
  return bytes;
}

function isTooLarge(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_BUFFER_TOO_LARGE';
}
