import type { JobsOptions } from 'bullmq';

/** What happens to both sides of a comparison, one thing after another. Numbers choose among what is there. */
export type Step =
  | {
      readonly do: 'add';
      readonly jobs: readonly { readonly id: string; readonly opts: JobsOptions }[];
    }
  | { readonly do: 'fetch'; readonly size: number; readonly alone: boolean }
  | {
      readonly do: 'settle';
      readonly batch: number;
      /** per job of the batch, over and over */
      readonly fates: readonly Fate[];
      readonly next: boolean;
    }
  | { readonly do: 'mark'; readonly mark: Mark; readonly job: number }
  | { readonly do: 'queue'; readonly what: Steer };

export type Fate =
  | 'completes'
  | 'hands over'
  | 'hands over twice'
  | 'fails'
  | 'waits'
  | 'goes back';
export type Steer = 'pause' | 'resume' | 'limit' | 'unlimit' | 'look for stalled jobs';
/** what is done to one job behind the worker's back */
export type Mark =
  | 'logs'
  | 'loses its lock'
  | 'is stolen'
  | 'has a child'
  | 'killed a worker'
  | 'vanishes';

/** mulberry32: small, seeded, good enough to choose */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const ODD: readonly JobsOptions[] = [
  { priority: 2 },
  { delay: 30 },
  { lifo: true },
  { deduplication: { id: 'd' } },
  { removeOnComplete: false },
  { removeOnComplete: { count: 2 } },
  { attempts: 1 },
];
const PLAIN: JobsOptions = {
  attempts: 3,
  backoff: { type: 'fixed', delay: 20 },
  removeOnComplete: true,
};

/**
 * @param oddity share of what is not plain, 0..1
 * @param lean without children and logs
 */
export function history(seed: number, steps: number, oddity: number, lean = false): Step[] {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const upTo = (n: number): number => 1 + Math.floor(next() * n);
  const odd = (): boolean => next() < oddity;
  let ids = 0;
  const job = () => {
    const again = odd() && ids > 0;
    const id = again ? `j${Math.floor(next() * ids)}` : `j${ids++}`;
    return { id, opts: odd() ? { ...PLAIN, ...pick(ODD) } : PLAIN };
  };
  const fates = ['completes', 'hands over', 'hands over'] as const;
  const oddFates = ['fails', 'waits', 'goes back', 'hands over twice'] as const;
  const company = ['logs', 'has a child'] as const;
  const losses = ['loses its lock', 'is stolen', 'killed a worker', 'vanishes'] as const;
  const marks: readonly Mark[] = lean ? losses : [...losses, ...company];
  const step = (): Step => {
    if (odd() && next() < 0.4) {
      return {
        do: 'queue',
        what: pick(['pause', 'resume', 'resume', 'limit', 'unlimit', 'unlimit']),
      };
    }
    if (next() < 0.05) return { do: 'queue', what: 'look for stalled jobs' };
    if (odd()) return { do: 'mark', mark: pick(marks), job: Math.floor(next() * 100) };
    const dice = next();
    if (dice < 0.35) return { do: 'add', jobs: Array.from({ length: upTo(8) }, job) };
    if (dice < 0.6) return { do: 'fetch', size: 1 + upTo(6), alone: next() < 0.5 };
    const each = (): Fate => (odd() ? pick(oddFates) : pick(fates));
    return {
      do: 'settle',
      batch: Math.floor(next() * 100),
      fates: Array.from({ length: upTo(4) }, each),
      next: next() < 0.5,
    };
  };
  return Array.from({ length: steps }, step);
}
