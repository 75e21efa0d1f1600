export { Breaker, BreakerOpenError, type BreakerOptions } from './breaker.ts';
export {
  createOutboundPolicy,
  createRetry,
  type OutboundPolicy,
  type Retry,
} from './outbound-policy.ts';
export { parseRetryAfter } from './parse-retry-after.ts';
