/** Ends the command with one sentence on stderr: what is wrong, and what to do. */
export class ChaosError extends Error {
  readonly code = 'chaos_error';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ChaosError';
  }
}
