import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface AttackPlan {
  readonly kind: 'slowloris' | 'headers' | 'bodies' | 'storm';
  readonly port: number;
  readonly path: string;
  readonly lastsMs: number;
}

/** What came of an attack, by the attacker's own count. */
export interface Attacked {
  readonly sent: number;
  /** connections that the other side closed */
  readonly closed: number;
  /** by status */
  readonly answers: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

/** Attacks from a thread of its own: whoever measures what the honest are answered must not be kept from it by the load. */
export async function attack(plan: AttackPlan, signal: AbortSignal): Promise<Attacked> {
  const worker = new Worker(new URL('./attacker.ts', import.meta.url), { workerData: plan });
  const stop = (): void => void worker.terminate();
  signal.addEventListener('abort', stop);
  try {
    const [attacked] = (await once(worker, 'message', { signal })) as [Attacked];
    return attacked;
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
