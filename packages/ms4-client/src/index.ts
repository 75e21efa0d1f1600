export {
  createMs4Client,
  type Guard,
  type Ms4Client,
  type SentAs,
} from './create-ms4-client.ts';
export {
  BATCH_ENVELOPE_BYTES,
  type EncodedBatch,
  type EncodedItem,
  encodeBatch,
  encodeItem,
} from './encode-batch.ts';
export { bearerAuth } from './ms4-auth.ts';
export { ms4AuthOf, ms4Config, ms4Problems, ms4TlsOf } from './ms4-config.ts';
export {
  answerCodeOf,
  isMs4Silent,
  isMs4Timeout,
  isMs4Transient,
  isMs4Unwell,
  Ms4AuthError,
  Ms4Error,
  Ms4ProtocolError,
  Ms4RefusedError,
  Ms4ThrottledError,
  Ms4TooLargeError,
  Ms4UnavailableError,
} from './ms4-errors.ts';
export type { Verdict } from './read-answer.ts';
