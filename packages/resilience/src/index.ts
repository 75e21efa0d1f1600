export { BreakerOpenError } from './breaker-open-error.ts';
export { createOutboundPolicy, type OutboundPolicy } from './outbound-policy.ts';
export { parseRetryAfter } from './parse-retry-after.ts';
