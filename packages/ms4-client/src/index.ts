export type { Admission, SentAs } from './admission.ts';
export {
  createMs4Client,
  type Ms4Client,
  type Ms4ClientOptions,
  type SendOptions,
} from './create-ms4-client.ts';
export {
  BATCH_ENVELOPE_BYTES,
  type EncodedBatch,
  type EncodedItem,
  encodeBatch,
  encodeItem,
} from './encode-batch.ts';
export { type EntraAuthOptions, entraAuth } from './entra-auth.ts';
export { apiKeyAuth, bearerAuth, certificateAuth, type Ms4Auth } from './ms4-auth.ts';
export { type Ms4Config, ms4AuthOf, ms4Config, ms4Problems, ms4TlsOf } from './ms4-config.ts';
export {
  answerCodeOf,
  isMs4Timeout,
  isMs4Transient,
  Ms4AuthError,
  Ms4Error,
  Ms4ProtocolError,
  Ms4RefusedError,
  Ms4ThrottledError,
  Ms4TooLargeError,
  Ms4UnavailableError,
  type RefusedItem,
} from './ms4-errors.ts';
export type { Verdict } from './verdict.ts';
