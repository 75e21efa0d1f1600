import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosFleet } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import type { Dice } from '../dice.ts';
import { seconds, within } from './process-waiting.ts';

/** A fault of the simulator with its settings: apps/simulator/src/faults/fault-table.ts has them all. */
export type SimulatedFault = readonly [name: string, settings?: object];

export interface SimulatedRow extends Omit<ChaosRow, 'inject'> {
  /** Each must strike, else nothing was tried. */
  readonly faults: (fleet: ChaosFleet, dice: Dice) => readonly SimulatedFault[];
  /** ms that they last at least */
  readonly lastsMs: number;
  /** what else is done while they last */
  readonly meanwhile?: ChaosRow['inject'];
}

/** ms after which a fault that did not strike is none */
const STRIKES_WITHIN_MS = 60_000;

/** A row whose faults are the simulator's. It says how often each struck, by the simulator's own count. */
export function simulated(
  { faults, lastsMs, meanwhile, ...row }: SimulatedRow,
  strikesWithinMs = STRIKES_WITHIN_MS,
): ChaosRow {
  return {
    ...row,
    async inject(fleet, dice, signal) {
      const put = faults(fleet, dice);
      const began = performance.now();
      const before = await strikesOf(fleet, put);
      const struck = async (): Promise<number[]> =>
        (await strikesOf(fleet, put)).map((count, index) => count - (before[index] ?? 0));
      let done = '';
      try {
        for (const [name, settings] of put) await fleet.fault(name, settings);
        if (meanwhile) done = `; ${await meanwhile(fleet, dice, signal)}`;
        const left = lastsMs - (performance.now() - began);
        if (left > 0) await delay(left, undefined, { signal });
        const all = async (): Promise<boolean> => (await struck()).every((count) => count > 0);
        await within(strikesWithinMs, 'each fault struck', all, signal);
      } finally {
        for (const [name] of put) await fleet.fault(name, { share: 0 });
      }
      const counts = await struck();
      const said = put.map(([name], index) => `${name} struck ${counts[index]} times`);
      return `${said.join(', ')} in ${seconds(performance.now() - began)}${done}`;
    },
  };
}

/** How often each has ever struck. */
export async function strikesOf(
  fleet: Pick<ChaosFleet, 'control'>,
  put: readonly SimulatedFault[],
): Promise<number[]> {
  const { faults } = await fleet.control<{ faults: { name: string; struck: number }[] }>('faults');
  return put.map(([name]) => faults.find((fault) => fault.name === name)?.struck ?? 0);
}

/** For `meanwhile`: the fault with each of these settings in turn, as long each, until the row's time is over. */
export function byTurns(
  name: string,
  settings: readonly object[],
  { everyMs, lastsMs }: { readonly everyMs: number; readonly lastsMs: number },
): ChaosRow['inject'] {
  return async (fleet, _dice, signal) => {
    const turns = Math.ceil(lastsMs / everyMs);
    for (let turn = 0; turn < turns; turn += 1) {
      await fleet.fault(name, settings[turn % settings.length]);
      await delay(everyMs, undefined, { signal });
    }
    return `${Math.min(turns, settings.length)} kinds by turns`;
  };
}
