import type { IncomingMessage } from 'node:http';

/** Why a body was not read, with the status that says so. 400: its sender went away. */
export class BodyRefusedError extends Error {
  readonly code = 'body_refused';
  readonly status: 400 | 413 | 415 | 503;

  constructor(status: 400 | 413 | 415 | 503, reason: string) {
    super(`body refused: ${reason}`);
    this.name = 'BodyRefusedError';
    this.status = status;
  }
}

/**
 * bytes of a body. Graph names no bound (docs/graph-contract.md#notification-items): this holds 500 basic notifications
 * of 500 bytes, and some 50 rich ones of 5 KB, several times what was ever seen of it in one POST
 * (docs/reliability.md#slow-and-large-bodies)
 */
export const BODY_BYTES_MAX = 256 * 1024;

export interface BodyReaderOptions {
  /** bytes of one body */
  bytesMax: number;
  /**
   * bytes of all bodies that are being read: a thousand slow senders must not add up
   * (docs/reliability.md#slow-and-large-bodies)
   */
  inFlightBytesMax: number;
}

/**
 * Reads bodies as bytes, whatever the content type says, within two limits. Not `express.raw`, which
 * knows of no limit for all bodies together. Compressed bodies are not Graph's and are never inflated.
 *
 * @throws {BodyRefusedError}
 */
export function createBodyReader({
  bytesMax,
  inFlightBytesMax,
}: BodyReaderOptions): (req: IncomingMessage) => Promise<Buffer> {
  let inFlightBytes = 0;

  return async (req) => {
    const encoding = req.headers['content-encoding'] ?? 'identity';
    if (encoding.toLowerCase() !== 'identity') throw new BodyRefusedError(415, 'compressed');
    if (Number(req.headers['content-length'] ?? 0) > bytesMax) {
      throw new BodyRefusedError(413, 'too large');
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      // A stream that is given up must not be destroyed, or there is no connection to answer on.
      const stream = req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
      for await (const chunk of stream) {
        bytes += chunk.length;
        inFlightBytes += chunk.length;
        if (bytes > bytesMax) throw new BodyRefusedError(413, 'too large');
        if (inFlightBytes > inFlightBytesMax) throw new BodyRefusedError(503, 'too many at once');
        chunks.push(chunk);
      }
    } catch (error) {
      if (error instanceof BodyRefusedError) throw error;
      throw new BodyRefusedError(400, 'cut off');
    } finally {
      inFlightBytes -= bytes;
    }
    return Buffer.concat(chunks, bytes);
  };
}
