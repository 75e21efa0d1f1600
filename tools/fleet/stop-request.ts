/** The person, or whoever supervises the launcher, wants it to end. */
export class Stopped extends Error {
  readonly code = 'stopped';
  /** as shells have it: 128 + the signal's number */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('stopped');
    this.name = 'Stopped';
    this.exitCode = exitCode;
  }
}

export interface StopRequest extends Disposable {
  /** aborted with {@link Stopped} */
  readonly signal: AbortSignal;
  /** called when Ctrl-C is pressed again, well after the first time */
  onImpatience(callback: () => void): void;
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * One Ctrl-C arrives up to three times: from the terminal, and forwarded by npm and by the bootstrap.
 * Only one that comes this much later is a second Ctrl-C.
 */
const ECHO_MS = 1_500;

/** Listens for Ctrl-C and its relatives, and for the end of the bootstrap that started this process. */
export function onStopRequest(): StopRequest {
  const stop = new AbortController();
  let firstAt = 0;
  let impatience: (() => void) | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!stop.signal.aborted) {
      firstAt = performance.now();
      stop.abort(new Stopped(EXIT_CODES[signal as keyof typeof EXIT_CODES]));
    } else if (performance.now() - firstAt > ECHO_MS) impatience?.();
  };
  const onDisconnect = (): void => {
    if (!stop.signal.aborted) stop.abort(new Stopped(EXIT_CODES.SIGTERM));
  };
  const signals = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[];
  for (const signal of signals) process.on(signal, onSignal);
  process.on('disconnect', onDisconnect);
  // Whoever read the output is gone (npm start | head): what would be shown has nowhere to go.
  process.stdout.on('error', onDisconnect);
  process.channel?.unref();
  return {
    signal: stop.signal,
    onImpatience(callback) {
      impatience = callback;
    },
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, onSignal);
      process.off('disconnect', onDisconnect);
      // The listener on stdout stays: an error there must not end the process while it tidies up.
    },
  };
}
