import { setTimeout as delay } from 'node:timers/promises';
import type { FaultLine } from '@ms1/testkit';

import type { ChaosFleet } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { seconds, within } from './process-waiting.ts';

export interface BrokenLine extends Omit<ChaosRow, 'inject'> {
  readonly line: keyof ChaosFleet['lines'];
  readonly break: (line: FaultLine) => void;
  /** ms until it is healed */
  readonly lastsMs: number;
}

/** A row whose fault is in the TCP line to a service; what it broke is by the line's own count. */
export function brokenLine({ line: name, lastsMs, break: fault, ...row }: BrokenLine): ChaosRow {
  return {
    ...row,
    async inject({ lines }, _dice, signal) {
      const line = lines[name];
      const isUsed = (): boolean => line.connections > 0;
      await within(60_000, `somebody uses the line to ${name}`, isUsed, signal);
      const before = line.harm;
      const { connections } = line;
      fault(line);
      try {
        await delay(lastsMs, undefined, { signal });
      } finally {
        line.heal();
      }
      const harm = Object.entries(line.harm)
        .map(([what, count]) => [what, count - before[what as keyof typeof before]] as const)
        .filter(([, count]) => count > 0)
        .map(([what, count]) => `${what} ${count}`);
      return [`${connections} connections, for ${seconds(lastsMs)}`, ...harm].join(', ');
    },
  };
}
