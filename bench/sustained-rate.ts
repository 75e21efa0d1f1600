/** How far work was: seconds since its start, and messages done by then. Both grow. */
export type Progress = readonly (readonly [seconds: number, done: number])[];

/**
 * Messages a second from a tenth of the work to nine tenths: without how long the first takes to be found and the last
 * waits for company, which do not grow with the work.
 */
export function sustainedRate(progress: Progress, messages: number): number {
  const [from, to] = [timeOf(progress, messages * 0.1), timeOf(progress, messages * 0.9)];
  return to > from ? (messages * 0.8) / (to - from) : Number.NaN;
}

/** When so many were done, on the line between the two looks around it. */
function timeOf(progress: Progress, done: number): number {
  let [lastSeconds, lastDone] = [0, 0];
  for (const [seconds, count] of progress) {
    if (count >= done) {
      const share = count === lastDone ? 1 : (done - lastDone) / (count - lastDone);
      return lastSeconds + (seconds - lastSeconds) * share;
    }
    [lastSeconds, lastDone] = [seconds, count];
  }
  return lastSeconds;
}
