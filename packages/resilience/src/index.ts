export { BreakerOpenError } from './breaker-open-error.ts';
export { createHttpClient } from './create-http-client.ts';
export type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse } from './http-client.ts';
export {
  HttpConnectionError,
  HttpResponseTooLargeError,
  HttpTimeoutError,
  type RequestSent,
} from './http-errors.ts';
export {
  type BreakerState,
  createOutboundPolicy,
  type ExecuteOptions,
  type OutboundPolicy,
  type OutboundPolicyOptions,
} from './outbound-policy.ts';
export { parseRetryAfter } from './parse-retry-after.ts';
