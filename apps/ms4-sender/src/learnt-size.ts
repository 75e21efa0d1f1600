import type { Clock } from '@ms1/runtime';
/** How many bytes a request may have: what is configured, or what MS4 has shown to be too much, for a while. */
export interface LearntSize {
  bytesMax(): number;
  /** a request of so many bytes was answered 413 */
  tooLarge(bytes: number): void;
}

/** Long enough not to pay a 413 for every batch; short enough to grow back the day the limit was lifted. */
const REMEMBER_MS = 10 * 60_000;

export function createLearntSize(bytesMax: number, clock: Clock): LearntSize {
  let learnt = bytesMax;
  let until = 0;
  return {
    bytesMax: () => (clock.now() < until ? learnt : bytesMax),
    tooLarge(bytes) {
      const now = clock.now();
      const half = Math.floor(bytes / 2);
      learnt = now < until ? Math.min(learnt, half) : Math.min(bytesMax, half);
      until = now + REMEMBER_MS;
    },
  };
}
