/** Ends the command with one sentence on stderr and a non-zero exit code. The message is that sentence. */
export class FleetError extends Error {
  readonly code = 'fleet_error';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FleetError';
  }
}
