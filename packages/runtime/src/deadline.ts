export class DeadlineError extends Error {
  readonly code = 'deadline_exceeded';

  constructor(ms: number) {
    super(`not done after ${ms} ms`);
    this.name = 'DeadlineError';
  }
}

/**
 * Waits for `work` at most `ms`. The work itself goes on: what must stop needs its own signal.
 *
 * @throws {DeadlineError}
 */
export async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(ms)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
