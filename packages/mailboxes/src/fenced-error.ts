/** A later holder of the lease has taken over: what this one knows is stale and was not written. */
export class FencedError extends Error {
  readonly code = 'fenced';
  readonly fence: number;

  constructor(fence: number) {
    super(`fence ${fence} is stale: a later holder of the lease has taken over`);
    this.name = 'FencedError';
    this.fence = fence;
  }
}
