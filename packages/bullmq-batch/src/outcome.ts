/** How one job of a batch ends. */
export type Outcome =
  | { readonly kind: 'completed'; readonly value: unknown }
  /** `delay` in ms; without it the job's own backoff decides */
  | { readonly kind: 'failed'; readonly error: Error; readonly delay?: number }
  /** run again in `ms`, no attempt used */
  | { readonly kind: 'delayed'; readonly ms: number }
  /** back to the front of `wait`, no attempt used */
  | { readonly kind: 'nacked' };
