const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Calls `stop` on SIGTERM, on SIGINT, and when the parent that started this process with an IPC
 * channel is gone: a fleet must not outlive whoever supervises it. Further signals change nothing;
 * the shutdown's deadline ends what hangs.
 */
export function onStopSignal(stop: (reason: string) => void): Disposable {
  const onSignal = (signal: NodeJS.Signals): void => stop(signal);
  const onDisconnect = (): void => stop('parent is gone');
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('disconnect', onDisconnect);
  return {
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off('disconnect', onDisconnect);
    },
  };
}
