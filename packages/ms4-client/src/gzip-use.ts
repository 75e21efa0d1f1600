import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

import type { EncodedBatch } from './encode-batch.ts';
import { Ms4ProtocolError, Ms4RefusedError } from './ms4-errors.ts';

const compress = promisify(gzip);

/**
 * Whether this MS4 takes a gzipped body, learnt from its answers: the contract lets a server do without, and
 * one that never heard of gzip says so with 415, or with 400 or 422 about bytes that are no JSON to it.
 */
export class GzipUse {
  readonly #bytesMin: number;
  #known: 'taken' | 'refused' | null = null;

  /** @param bytesMin of body from which it is worth it */
  constructor(bytesMin: number) {
    this.#bytesMin = bytesMin;
  }

  /** The body to send: `batch.body` itself where it goes as it is. */
  async encode({ body }: EncodedBatch): Promise<Buffer> {
    if (this.#known === 'refused' || body.length < this.#bytesMin) return body;
    // Level 1: records are repetitive, so higher levels gain little and cost the event loop's threads much.
    return await compress(body, { level: constants.Z_BEST_SPEED });
  }

  taken(): void {
    this.#known = 'taken';
  }

  refused(): void {
    this.#known = 'refused';
  }

  /**
   * Could it be the coding that was refused, and not the batch? Not where items were named: then it was
   * read. Where gzip was taken before, a refusal is believed as long as it is not the last word on a record.
   */
  isSuspect(error: unknown, batch: EncodedBatch): boolean {
    if (error instanceof Ms4ProtocolError) return error.status === 415;
    if (!(error instanceof Ms4RefusedError) || error.status === 409) return false;
    return error.items.length === 0 && (this.#known === null || batch.items.length === 1);
  }
}
