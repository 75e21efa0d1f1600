import type { ChaosProcess } from '../chaos-fleet.ts';
import { type ProcessFacts, processFacts } from './process-facts.ts';

export interface ProcessSample {
  /** ms since the epoch */
  readonly at: number;
  readonly name: string;
  readonly facts: ProcessFacts | undefined;
  /** what /readyz answered; false too where nobody answered */
  readonly ready: boolean;
}

const READY_MS = 1_500;

/** Looks at every process once. */
export async function sampleProcesses(
  processes: readonly Pick<ChaosProcess, 'name' | 'pid' | 'health'>[],
): Promise<ProcessSample[]> {
  const at = Date.now();
  return Promise.all(
    processes.map(async ({ name, pid, health }) => ({
      at,
      name,
      facts: processFacts(pid),
      ready: await isReady(health),
    })),
  );
}

/** What /readyz answers; false too where nobody answers. */
export async function isReady(health: string): Promise<boolean> {
  try {
    const answer = await fetch(`${health}/readyz`, { signal: AbortSignal.timeout(READY_MS) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
