import type { z } from 'zod';

import { PAYLOAD_VERSION } from './payloads.ts';

/** The payload has a later version than this process knows: leave the job to a newer process, never fail it. */
export class PayloadTooNewError extends Error {
  readonly code = 'payload_too_new';
  readonly version: number;

  constructor(version: number) {
    super(`payload version ${version} is newer than ${PAYLOAD_VERSION}, which this process knows`);
    this.name = 'PayloadTooNewError';
    this.version = version;
  }
}

/** This process does not have the key of the payload: leave the job to one that has it, never fail it. */
export class PayloadSealedError extends Error {
  readonly code = 'payload_sealed';
  readonly keyId: string;

  constructor(keyId: string) {
    super(`jobs are sealed by the key ${keyId}, which is not here: add it to PAYLOAD_KEY`);
    this.name = 'PayloadSealedError';
    this.keyId = keyId;
  }
}

/** The payload will never parse: cancel its job. The message names fields, never values. */
export class PayloadInvalidError extends Error {
  readonly code = 'payload_invalid';

  constructor(fields: string[]) {
    super(`payload does not parse: ${fields.join(', ')}`);
    this.name = 'PayloadInvalidError';
  }
}

/** Whether an error says that the payload is for another process: a newer one, or one that has its key. */
export function isForAnother(error: unknown): boolean {
  return error instanceof PayloadTooNewError || error instanceof PayloadSealedError;
}

/**
 * Reads a job's data. An evicted job hash arrives as `{}` (BullMQ 6.7.0) and is invalid here, never success.
 *
 * @throws {PayloadTooNewError} when `v` is above {@link PAYLOAD_VERSION}: snooze
 * @throws {PayloadInvalidError} when it does not parse: cancel
 */
export function parsePayload<T>(schema: z.ZodType<T>, data: unknown): T {
  const version = (data as { v?: unknown } | null)?.v;
  if (typeof version === 'number' && version > PAYLOAD_VERSION) {
    throw new PayloadTooNewError(version);
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  throw new PayloadInvalidError(
    result.error.issues.map((issue) => `${issue.path.join('.') || '(root)'} ${issue.code}`),
  );
}
