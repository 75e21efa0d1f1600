export { BreakerOpenError } from './breaker-open-error.ts';
export { createHttpClient } from './create-http-client.ts';
export type { HttpClient, HttpRequest, HttpResponse } from './http-client.ts';
export { HttpConnectionError, HttpResponseTooLargeError, HttpTimeoutError } from './http-errors.ts';
export { createOutboundPolicy, type OutboundPolicy } from './outbound-policy.ts';
export { parseRetryAfter } from './parse-retry-after.ts';
